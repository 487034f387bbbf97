import type pg from 'pg';
import type { Logger } from 'pino';
import { messageOf, TidemarkError } from '../errors.ts';
import type { RepositoryWatch } from '../store/watch.ts';
import { FleetState } from './fleet-state.ts';
import { gzipWith } from './gzip.ts';
import { createRegistry, ownText } from './own.ts';
import { renderPayload, type Payload } from './payload.ts';
import { contentTypes, type Format } from './text.ts';

/** What /metrics depends on besides the repository. */
export interface MetricsSettings {
  /** IANA zone in which days begin. */
  readonly timezone: string;
  /** Most series of the fleet that are shown. */
  readonly maxSeries: number;
  /** Scheduled jobs, and when each of them was last due; null: it never was. */
  readonly schedules: readonly { readonly name: string; readonly lastDue: (now: Date) => Date | null }[];
  /** Null: nobody else looks whether the repository is away. */
  readonly watch: Pick<RepositoryWatch, 'reason' | 'saw'> | null;
  /** Told of what is no outage; null: nobody is. */
  readonly log: Logger | null;
}

const defaultSettings: MetricsSettings = {
  timezone: 'UTC',
  maxSeries: 250_000,
  schedules: [],
  watch: null,
  log: null,
};

export function createMetrics(pool: pg.Pool, settings: Partial<MetricsSettings> = {}): Metrics {
  return new Metrics(pool, { ...defaultSettings, ...settings });
}

/** An answer to a scrape. Its parts belong one after the other. */
export interface Exposition {
  readonly contentType: string;
  /** Of what is shown of the fleet: the exporter's own metrics differ at each scrape and are not in it. */
  readonly etag: string;
  readonly text: () => readonly Buffer[];
  readonly gzip: () => readonly Buffer[];
}

/** One answer to an HTTP request. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of the route, not the path: the values are few. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/**
 * What Prometheus scrapes. The fleet is rendered once per change from the state in the repository, so that it is right after a
 * restart, and the same from every exporter: a scrape shows everything that was committed before it. While the repository is
 * away the last state goes on being shown, with its time beside it.
 */
export class Metrics {
  readonly #settings: MetricsSettings;
  readonly #state: FleetState;
  readonly #registry = createRegistry();
  #payload: Payload | null = null;
  /** Whether the payload shows the state: not while it is rendered, nor after that has failed. */
  #isRendered = false;
  #looking: Promise<void> | null = null;
  #waiting: Promise<void> | null = null;
  /** Somebody has lost patience with the look that is under way. */
  #isOverdue = false;

  constructor(pool: pg.Pool, settings: MetricsSettings) {
    this.#settings = settings;
    this.#state = new FleetState(pool, settings.timezone);
    this.#registry.own.seriesLimit.set(settings.maxSeries);
  }

  /**
   * @param patience milliseconds after which the state of before has to do
   * @throws TidemarkError `repository_unavailable`, or the error of the repository, when there is no state yet
   */
  async scrape(format: Format, patience: number): Promise<Exposition> {
    await this.#bringUpToDate(patience);
    const payload = this.#payload;
    if (payload === null) {
      throw new TidemarkError(
        'repository_unavailable',
        `the repository has not answered within ${patience / 1000} s: there is nothing to show yet`,
      );
    }
    const own = await this.#ownText(format);
    const { text, gzip } = payload.formats[format];
    return {
      contentType: contentTypes[format],
      etag: `W/"${payload.etag}-${format}"`,
      text: () => [...text, own],
      gzip: () => gzipWith(gzip, own),
    };
  }

  observe({ method, route, status, seconds }: AnsweredRequest): void {
    this.#registry.own.requests.observe({ method, route, status_code: status }, seconds);
  }

  async #ownText(format: Format): Promise<Buffer> {
    const { own, registry } = this.#registry;
    const now = new Date();
    own.jobDue.reset();
    for (const { name, lastDue } of this.#settings.schedules) {
      const due = lastDue(now);
      if (due !== null) own.jobDue.set({ job: name }, due.getTime() / 1000);
    }
    return ownText(registry, format);
  }

  /** Looks at the repository; not while it is known to be away, and no longer than somebody is patient. */
  async #bringUpToDate(patience: number): Promise<void> {
    const { own } = this.#registry;
    const hasState = this.#payload !== null;
    if (hasState && (this.#isOverdue || this.#settings.watch?.reason != null)) {
      own.repositoryUp.set(0);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'too late'>((resolve) => (timer = setTimeout(resolve, patience, 'too late')));
    try {
      if ((await Promise.race([this.#look(), tooLate])) === 'too late') {
        this.#isOverdue = this.#looking !== null;
        own.repositoryUp.set(0);
      }
    } catch (error) {
      own.repositoryUp.set(0);
      const { watch, log } = this.#settings;
      if (watch?.saw(error) !== true)
        log?.error({ err: error }, `/metrics could not be brought up to date: ${messageOf(error)}`);
      if (!hasState) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Resolves when everything is known that was committed before the call. A look that is under way may have missed that: those
   * who come meanwhile share the next one.
   */
  #look(): Promise<void> {
    this.#waiting ??= this.#lookAfter(this.#looking);
    return this.#waiting;
  }

  async #lookAfter(before: Promise<void> | null): Promise<void> {
    await before?.catch(() => undefined);
    this.#looking = this.#waiting;
    this.#waiting = null;
    try {
      await this.#lookNow();
    } finally {
      this.#looking = null;
      this.#isOverdue = false;
    }
  }

  async #lookNow(): Promise<void> {
    const { own } = this.#registry;
    const lookedAt = Date.now();
    this.#isRendered = !(await this.#state.look()) && this.#isRendered;
    if (!this.#isRendered) this.#payload = await renderPayload(this.#state, this.#settings.maxSeries);
    this.#isRendered = true;
    own.repositoryUp.set(1);
    own.stateTimestamp.set(lookedAt / 1000);
    own.series.set(this.#payload?.series.shown ?? 0);
    own.seriesDropped.set(this.#payload?.series.dropped ?? 0);
    own.defaultRows.reset();
    for (const { table, rows } of this.#state.defaultRows) own.defaultRows.set({ table }, rows);
  }
}
