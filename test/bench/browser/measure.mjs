/* global performance, document, MutationObserver, requestAnimationFrame */
// How long a page takes for something, and how much of that it waits for the API.

/** Nothing has changed on the page for so long: it has done what it was asked for. */
const quietMilliseconds = 250;

/**
 * Does something and waits until the page has shown what comes of it.
 * @param options.until a selector that has to be there; null: whatever changes
 * @returns milliseconds: `asked` from the action to the first request, `api` to the end of the last answer, `shown` from
 *   there to the last change of the page
 */
export async function measureAfter(page, act, { until }) {
  const startedAt = Date.now();
  await page.addInitScript(observe);
  await page.evaluate(observe).catch(() => undefined);
  await act();
  if (until !== null) await page.waitForSelector(until);
  await page.waitForFunction(
    (quiet) => performance.now() - (globalThis.lastChange ?? performance.now()) > quiet,
    quietMilliseconds,
    { polling: 50 },
  );
  return page.evaluate((from) => {
    const start = Math.max(from - performance.timeOrigin, 0);
    const end = globalThis.lastChange;
    const requests = performance
      .getEntriesByType('resource')
      .filter(
        ({ name, startTime }) => name.includes('/api/datasources/proxy/') && startTime >= start && startTime <= end,
      );
    if (requests.length === 0) return { asked: 0, api: 0, shown: end - start };
    const first = Math.min(...requests.map(({ startTime }) => startTime));
    const last = Math.max(...requests.map(({ responseEnd }) => responseEnd));
    return { asked: first - start, api: last - first, shown: end - last };
  }, startedAt);
}

/** Runs in the page: remembers when it last changed, to the frame that shows it. */
function observe() {
  if (globalThis.lastChange !== undefined) return;
  globalThis.lastChange = performance.now();
  performance.setResourceTimingBufferSize(2000);
  const changed = () => requestAnimationFrame(() => (globalThis.lastChange = performance.now()));
  new MutationObserver(changed).observe(document, { subtree: true, childList: true, characterData: true });
}
