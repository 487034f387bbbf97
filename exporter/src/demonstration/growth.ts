import type { DemonstrationDay } from './calendar.ts';
import type { Random } from './random.ts';

/**
 * How the content of a database changes over time:
 * - `steady`: the same every week, more on working days;
 * - `visitors`: the same, more at weekends (shops, games);
 * - `month_end`: closings load a lot on the last days of a month, most of which is removed on the sixth;
 * - `purged`: old rows are deleted on the first Sunday of a month;
 * - `accelerating`: the growth itself grows;
 * - `fixed`: reference data, which hardly changes;
 * - `loaded`: steady, with one bulk load;
 * - `shrunk`: steady, reorganised once and much smaller since.
 */
export type Growth = 'steady' | 'visitors' | 'month_end' | 'purged' | 'accelerating' | 'fixed' | 'loaded' | 'shrunk';

/** What the content of one database does. */
export interface GrowthPlan {
  readonly growth: Growth;
  /** On the first day of its life. */
  readonly firstBytes: number;
  /** Share of the first size that an average day adds. */
  readonly dailyShare: number;
  /** The day of the bulk load or the reorganisation, counted from the beginning of the demonstration. */
  readonly eventDay: number;
}

const weekdayFactor = [1.25, 1.3, 1.3, 1.25, 1.2, 0.45, 0.25];
const weekendFactor = [0.8, 0.8, 0.85, 0.9, 1.1, 1.35, 1.2];

/** What is kept between two days. */
interface State {
  content: number;
  /** Added by month-end loads, or since the last purge. */
  removable: number;
}

type Step = (state: State, day: DemonstrationDay, added: number, plan: GrowthPlan) => void;

const grow: Step = (state, _day, added) => {
  state.content += added;
};

const steps: Readonly<Record<Growth, Step>> = {
  steady: grow,
  visitors: grow,
  accelerating: grow,
  fixed: (state, day, added) => {
    if (day.dayOfMonth === 3) state.content += added;
  },
  month_end: (state, day, added, plan) => {
    state.content += added;
    if (day.dayOfMonth > day.daysInMonth - 2 || day.dayOfMonth === 1) {
      const load = plan.firstBytes * 0.045 + added * 2;
      state.content += load;
      state.removable += load;
    }
    if (day.dayOfMonth === 6) {
      state.content -= state.removable * 0.85;
      state.removable = 0;
    }
  },
  purged: (state, day, added) => {
    state.content += added * 3;
    state.removable += added * 3;
    if (day.weekday === 7 && day.dayOfMonth <= 7) {
      state.content -= state.removable * 0.7;
      state.removable = 0;
    }
  },
  loaded: (state, day, added, plan) => {
    state.content += added;
    if (day.index === plan.eventDay) state.content *= 1.45;
  },
  shrunk: (state, day, added, plan) => {
    state.content += added;
    if (day.index === plan.eventDay) state.content *= 0.55;
  },
};

/** The content of a database in bytes on each day, from the first day of its life on. */
export function contentByDay(plan: GrowthPlan, days: readonly DemonstrationDay[], random: Random): number[] {
  const factors = plan.growth === 'visitors' ? weekendFactor : weekdayFactor;
  const state: State = { content: plan.firstBytes, removable: 0 };
  return days.map((day, age) => {
    const pace = plan.growth === 'accelerating' ? 1.006 ** age : 1;
    const noise = Math.max(-0.4, 1 + 0.25 * random.spread());
    const added = plan.firstBytes * plan.dailyShare * pace * (factors[day.weekday - 1] ?? 1) * noise;
    steps[plan.growth](state, day, added, plan);
    return state.content;
  });
}

/** About how much larger than on its first day the content is after so many days; what limits are planned by. */
export function expectedGrowth({ growth, dailyShare, eventDay }: GrowthPlan, days: number): number {
  switch (growth) {
    case 'fixed':
      return 1 + (dailyShare * days) / 30;
    case 'accelerating':
      return 1 + dailyShare * ((1.006 ** days - 1) / 0.006);
    case 'loaded':
      return (1 + dailyShare * days) * (days > eventDay ? 1.45 : 1);
    case 'shrunk':
      return 1 + dailyShare * days - (days > eventDay ? 0.45 * (1 + dailyShare * eventDay) : 0);
    case 'month_end':
      return 1.2 + dailyShare * days;
    case 'purged':
      return 1.1 + dailyShare * days;
    default:
      return 1 + dailyShare * days;
  }
}
