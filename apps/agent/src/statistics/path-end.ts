import { BlockList, isIP } from 'node:net';
import type { GatewayPathEnd } from '@longreach/protocol';
import type { CandidateEnd } from '@longreach/webrtc-node';

type Scope = GatewayPathEnd['scope'];

const scopes: Array<[Scope, BlockList]> = [
  ['loopback', listOf(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6'])],
  ['linkLocal', listOf(['169.254.0.0', 16, 'ipv4'], ['fe80::', 10, 'ipv6'])],
  [
    'private',
    listOf(
      ['10.0.0.0', 8, 'ipv4'],
      ['172.16.0.0', 12, 'ipv4'],
      ['192.168.0.0', 16, 'ipv4'],
      // Shared by the customers of a carrier (RFC 6598): mobile networks.
      ['100.64.0.0', 10, 'ipv4'],
      ['fc00::', 7, 'ipv6'],
    ),
  ],
];

/** What may be told of an end: kinds, never the address. Undefined for a candidate of no known type. */
export function describePathEnd({ address, type }: CandidateEnd): GatewayPathEnd | undefined {
  const known = typeOf(type);
  if (!known) return undefined;
  const version = isIP(address);
  if (version === 0) return { type: known, family: 'name', scope: 'unknown' };
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const scope = scopes.find(([, list]) => list.check(address, family))?.[0] ?? 'public';
  return { type: known, family, scope };
}

function typeOf(type: string): GatewayPathEnd['type'] | undefined {
  const types = ['host', 'srflx', 'prflx', 'relay'] as const;
  return types.find((known) => known === type);
}

function listOf(...nets: Array<[string, number, 'ipv4' | 'ipv6']>): BlockList {
  const list = new BlockList();
  for (const [net, prefix, family] of nets) list.addSubnet(net, prefix, family);
  return list;
}
