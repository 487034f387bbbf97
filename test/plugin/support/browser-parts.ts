/** What Grafana's components ask of a browser and jsdom does not have: it lays nothing out. */

/** Everything is as wide as this. */
const width = 800;

class EverythingHasAWidth implements ResizeObserver {
  readonly #notify: ResizeObserverCallback;

  constructor(notify: ResizeObserverCallback) {
    this.#notify = notify;
  }

  observe(target: Element) {
    const contentRect = { width, height: 400, top: 0, left: 0, right: width, bottom: 400, x: 0, y: 0 };
    this.#notify([{ target, contentRect } as ResizeObserverEntry], this);
  }

  unobserve() {
    return undefined;
  }

  disconnect() {
    return undefined;
  }
}

class EverythingIsVisible implements IntersectionObserver {
  readonly root = null;
  readonly rootMargin = '';
  readonly scrollMargin = '';
  readonly thresholds = [];
  readonly #notify: IntersectionObserverCallback;

  constructor(notify: IntersectionObserverCallback) {
    this.#notify = notify;
  }

  observe(target: Element) {
    this.#notify([{ target, isIntersecting: true } as unknown as IntersectionObserverEntry], this);
  }

  unobserve() {
    return undefined;
  }

  disconnect() {
    return undefined;
  }

  takeRecords() {
    return [];
  }
}

globalThis.ResizeObserver ??= EverythingHasAWidth;
globalThis.IntersectionObserver ??= EverythingIsVisible;

// Dialogs ask how wide a scroll bar is, of a pseudo-element.
const { getComputedStyle } = window;
window.getComputedStyle = (element) => getComputedStyle(element);

export {};
