import { isIP } from 'node:net';
import { filled } from './text.ts';

/** Of any script; the underscore is no part of a host name by the standard, but of many in use. */
const label = /^[\p{L}\p{M}\p{N}_-]{1,63}$/u;

/** Whether this may be a host name, an address of IPv4 or IPv6, or the folder of a Unix socket (PostgreSQL). */
function isHost(text: string): boolean {
  if (isIP(text) > 0 || text.startsWith('/')) return true;
  return text
    .replace(/\.$/, '')
    .split('.')
    .every((part) => label.test(part));
}

const expected = 'expected a host name or an IP address, without port, brackets and spaces';

/** Where a server is. What is empty or too long is said by `filled`, once. */
export const host = filled(255).refine((text) => text === '' || text.length > 255 || isHost(text), expected);
