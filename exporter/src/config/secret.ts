import { inspect } from 'node:util';

const masked = '******';

/** A password, token or key. It can be used with `reveal()`, and nothing else shows it: not JSON, not a template, not a log. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return masked;
  }

  toJSON(): string {
    return masked;
  }

  [inspect.custom](): string {
    return masked;
  }
}
