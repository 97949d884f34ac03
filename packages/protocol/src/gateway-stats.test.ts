import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gatewayStatsSchema } from './gateway-stats.ts';
import { limits } from './limits.ts';
import { noticeSchemas } from './signaling.ts';

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  maxItems?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  enum?: string[];
};

/** The value of this form whose text is longest. */
function largest(schema: Schema, path: string): unknown {
  if (schema.enum) return schema.enum.toSorted((one, other) => other.length - one.length)[0];
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [
          name,
          largest(member, `${path}.${name}`),
        ]),
      );
    case 'array':
      if (schema.maxItems === undefined) throw new Error(`${path} has no bound`);
      return Array.from({ length: schema.maxItems }, () => largest(schema.items ?? {}, path));
    case 'string':
      if (schema.maxLength === undefined) throw new Error(`${path} has no bound`);
      return 'x'.repeat(schema.maxLength);
    case 'integer':
      return schema.maximum;
    case 'number':
      if (schema.minimum === undefined || schema.maximum === undefined) {
        throw new Error(`${path} has no bound`);
      }
      return schema.minimum + (schema.maximum - schema.minimum) / 7;
    case 'boolean':
      return false;
    default:
      throw new Error(`${path} is of an unknown form`);
  }
}

const longest = largest(z.toJSONSchema(gatewayStatsSchema) as Schema, 'stats');

const least = {
  ...{ sequence: 0, machineTimeUs: 0, periodMs: 2000, softwareVersion: '' },
  ...{ streams: [], paths: [] },
};

describe('a report of a machine on itself', () => {
  it('has a bound on everything, so that the longest takes less than half of a message', () => {
    expect(gatewayStatsSchema.safeParse(longest).success).toBe(true);
    const text = JSON.stringify(longest);
    expect(text.length).toBeGreaterThan(4000);
    expect(text.length).toBeLessThan(limits.signalingMessageBytes / 2);
  });

  it('may be without what cannot be computed', () => {
    expect(gatewayStatsSchema.safeParse(least).success).toBe(true);
  });

  it.each([
    ['an unknown figure', { ...least, position: [48.1, 11.5] }],
    ['a share above 1', { ...least, machine: machine({ cpuShare: 1.2 }) }],
    ['an infinite figure', { ...least, periodMs: Number.POSITIVE_INFINITY }],
    ['more streams than a machine has', { ...least, streams: Array(9).fill(stream()) }],
    ['an address', { ...least, paths: [path({ local: { address: '10.0.0.1' } })] }],
  ])('is refused with %s', (_name, stats) => {
    const body = { deviceId: 'truck-1', stats };
    expect(noticeSchemas.gatewayStats.safeParse({ ...body, stats: least }).success).toBe(true);
    expect(noticeSchemas.gatewayStats.safeParse(body).success).toBe(false);
  });

  it('is taken with the same parts in their proper form', () => {
    const local = { type: 'host', family: 'ipv4', scope: 'private' };
    const stats = {
      ...least,
      streams: Array(8).fill(stream()),
      paths: [path({ local })],
      machine: machine({ cpuShare: 1 }),
    };
    expect(gatewayStatsSchema.safeParse(stats).success).toBe(true);
  });
});

function machine(figures: object): object {
  return { periodMs: 2000, cpuCount: 2, processes: [], ...figures };
}

function stream(): object {
  const configured = { configuredWidth: 640, configuredHeight: 360, configuredFps: 30 };
  return { streamId: 0, ...configured, encodings: [] };
}

function path(members: object): object {
  const sentBytes = { media: 1, audio: 0, parity: 0, repeat: 0, probe: 0 };
  return { state: 'down', sentBytes, outageMs: 0, ...members };
}
