import { expect, test } from '@jest/globals';
import { isForbiddenTarget, isLoopback, resolveAddresses } from '../../../exporter/src/network/addresses.ts';

/** Ways to write or to reach this machine, its link, and metadata services. */
const forbidden = [
  ...['127.0.0.1', '127.1.2.3', '127.255.255.254', '0.0.0.0', '0.1.2.3', '255.255.255.255'],
  ...['169.254.0.1', '169.254.169.254', '169.254.170.2', '224.0.0.1', '239.255.255.250', '240.0.0.1', '198.18.0.1'],
  ...['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'],
  ...['::1', '0:0:0:0:0:0:0:1', '::', 'fe80::1', 'febf::1', 'ff02::1', 'ff05::2', '100::1'],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '::ffff:0.0.0.0'],
  ...['::7f00:1', '::a9fe:a9fe', '::ffff:0:7f00:1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe'],
  ...['2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:0:0:0:0:80ff:fffe', '2001:0:0:0:0:0:5601:5601'],
  ...['not an address', '', '127.0.0.1:80', '[::1]', 'localhost'],
];

test.each(forbidden)('%j may not be tested', (address) => {
  expect(isForbiddenTarget(address)).toBe(true);
});

test.each(['10.0.0.5', '172.16.4.4', '192.168.1.10', '8.8.8.8', 'fd12:3456::1', '2a00:1450::1', '::ffff:10.0.0.5'])(
  '%s may be tested',
  (address) => {
    expect(isForbiddenTarget(address)).toBe(false);
  },
);

/** What getaddrinfo makes of shortened, octal, hexadecimal and whole-number forms is what counts. */
test.each(['localhost', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '0x7f000001', '017700000001', '0'])(
  'the host %s resolves to a forbidden address',
  async (host) => {
    const addresses = await resolveAddresses(host);
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.every(isForbiddenTarget)).toBe(true);
  },
);

test('loopback is recognised in each family', () => {
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true);
  expect(['10.0.0.1', 'fe80::1', 'x'].some(isLoopback)).toBe(false);
});
