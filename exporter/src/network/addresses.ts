import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Whether an address is this machine's own. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && unwrapped(ipaddr.process(address)).range() === 'loopback';
}

/**
 * Ranges in which no database of a fleet lives, but which reach into this machine or the cloud around it. Private networks
 * are not among them: that is where databases are.
 */
const forbiddenRanges = new Set([
  'loopback',
  'linkLocal',
  'unspecified',
  'broadcast',
  'multicast',
  'reserved',
  'discard',
  'benchmarking',
  'amt',
  'as112',
  'orchid2',
  'droneRemoteIdProtocolEntityTags',
]);

/** Metadata services of clouds outside of the link-local range. */
const metadataAddresses = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254']);

/** Whether an outsider may make us open a connection to an address. */
export function isForbiddenTarget(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const target = unwrapped(ipaddr.process(address));
  return forbiddenRanges.has(target.range()) || metadataAddresses.has(target.toString());
}

/** The IPv4 address within an IPv6 one (NAT64, SIIT, 6to4), which is where the packets end. */
function unwrapped(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === 'rfc6052' || range === 'rfc6145') return ipaddr.fromByteArray(bytes.slice(12));
  if (range === '6to4') return ipaddr.fromByteArray(bytes.slice(2, 6));
  // Teredo holds the client's address inverted in its last four bytes.
  if (range === 'teredo') return ipaddr.fromByteArray(bytes.slice(12).map((byte) => byte ^ 0xff));
  // ::a.b.c.d, the deprecated form of an IPv4 address.
  if (bytes.slice(0, 12).every((byte) => byte === 0) && range === 'unicast')
    return ipaddr.fromByteArray(bytes.slice(12));
  return address;
}

/** Every address that a host name stands for, as the connection would resolve it. @throws when it does not resolve */
export async function resolveAddresses(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map((entry) => entry.address);
}
