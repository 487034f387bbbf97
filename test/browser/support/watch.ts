import type { BrowserContext, Page, Response } from 'playwright-core';

/** What went wrong in the browser, in the order that it was noticed. */
export class Watch {
  readonly #problems: string[] = [];
  /** Failures that a test brings about on purpose, by a part of the address. */
  readonly #expected: RegExp[] = [];
  /** The same, by what is said about them. */
  readonly #expectedProblems: RegExp[] = [];
  readonly #reading: Promise<void>[] = [];
  /** Files of the build do not change while tests run: each is read once. */
  readonly #filesRead = new Set<string>();
  readonly #secret: string;

  /** @param secret what no response and no request of the browser may hold */
  constructor(context: BrowserContext, secret: string) {
    this.#secret = secret;
    context.on('page', (page) => this.#watchPage(page));
    context.on('request', (request) => {
      const sent = `${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`;
      if (sent.includes(secret)) this.#problems.push(`the token is in a request: ${request.method()} ${request.url()}`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400 && !this.#isExpected(response.url())) {
        this.#problems.push(`${response.status()} ${response.request().method()} ${response.url()}`);
      }
      this.#reading.push(this.#read(response));
    });
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // Pages give up requests whose answer nobody waits for any more.
      if (reason === 'net::ERR_ABORTED' || this.#isExpected(request.url())) return;
      this.#problems.push(`${reason}: ${request.method()} ${request.url()}`);
    });
  }

  /** From now on a failure of such an address is what the test wants. */
  expectFailure(address: RegExp): void {
    this.#expected.push(address);
  }

  /** From now on a problem that reads like this is what the test wants. */
  expectProblems(text: RegExp): void {
    this.#expectedProblems.push(text);
  }

  /** Waits until every response has been read. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading.splice(0));
  }

  /** What went wrong since this was asked last; failures that were expected until now are no longer. */
  takeProblems(): string[] {
    this.#expected.splice(0);
    const wanted = this.#expectedProblems.splice(0);
    return this.#problems.splice(0).filter((problem) => !wanted.some((pattern) => pattern.test(problem)));
  }

  #watchPage(page: Page): void {
    page.on('pageerror', (error) => this.#problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      // The browser tells of failed requests itself, with the address beside the text.
      if (message.text().startsWith('Failed to load resource') && this.#isExpected(message.location().url)) return;
      this.#problems.push(`console: ${message.text()} (${message.location().url})`);
    });
  }

  async #read(response: Response): Promise<void> {
    const address = response.url();
    if (new URL(address).pathname.startsWith('/public/')) {
      if (this.#filesRead.has(address)) return;
      this.#filesRead.add(address);
    }
    const headers = JSON.stringify(response.headers());
    const body = await response.text().catch(() => '');
    if (headers.includes(this.#secret) || body.includes(this.#secret)) {
      this.#problems.push(`the token is in the answer of ${address}`);
    }
  }

  #isExpected(address: string): boolean {
    return this.#expected.some((pattern) => pattern.test(address));
  }
}
