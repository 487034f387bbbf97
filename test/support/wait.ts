/** How long a condition may take on a busy machine before a test gives it up. */
const PATIENCE_MS = 10_000;

const POLL_MS = 5;

/** Waits for what other sockets and processes bring about. @throws Error with the condition's text when it never holds */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${condition.toString()}`);
    await pause(POLL_MS);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
