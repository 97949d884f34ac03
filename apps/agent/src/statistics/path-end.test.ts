import { expect, it } from 'vitest';
import { describePathEnd } from './path-end.ts';

it.each([
  ['127.0.0.1', 'ipv4', 'loopback'],
  ['::1', 'ipv6', 'loopback'],
  ['169.254.7.7', 'ipv4', 'linkLocal'],
  ['fe80::1', 'ipv6', 'linkLocal'],
  ['172.20.1.1', 'ipv4', 'private'],
  ['100.100.1.1', 'ipv4', 'private'],
  ['fd00::1', 'ipv6', 'private'],
  ['203.0.113.9', 'ipv4', 'public'],
  ['2001:db8::1', 'ipv6', 'public'],
  ['5f1c.local', 'name', 'unknown'],
])('%s is told as %s and %s, without the address', (address, family, scope) => {
  const end = describePathEnd({ address, type: 'srflx' });
  expect(end).toEqual({ type: 'srflx', family, scope });
  expect(JSON.stringify(end)).not.toContain(address);
});

it('an end of an unknown kind is none', () => {
  expect(describePathEnd({ address: '127.0.0.1', type: 'unknown' })).toBeUndefined();
});
