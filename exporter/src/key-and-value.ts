import { InvalidArgumentError } from 'commander';

/** Collects the `key=value` pairs of an option that may be given several times. @throws InvalidArgumentError */
export function keyAndValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected key=value.');
  return { ...before, [key]: value };
}
