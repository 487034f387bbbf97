/** How often the tests of endurance do what they do: a little in `npm test`, for long in `npm run test:resilience`. */
const short = {
  schedules: 500,
  kills: 4,
  ticks: 30,
  starts: 6,
  outageSeconds: 6,
  cycles: 120,
  restarts: 3,
  apiCalls: 1_000,
  brokenReplies: 40,
};

const long: typeof short = {
  schedules: 10_000,
  kills: 100,
  ticks: 1_000,
  starts: 20,
  outageSeconds: 600,
  cycles: 10_000,
  restarts: 20,
  apiCalls: 10_000,
  brokenReplies: 2_000,
};

export const isLong = process.env.TIDEMARK_TEST_COUNTS === 'long';

export const counts = isLong ? long : short;

/** Milliseconds for a test of so many broken replies: a round ends at its last deadline, most end long before. */
export const brokenRepliesLimit = 60_000 + counts.brokenReplies * 500;
