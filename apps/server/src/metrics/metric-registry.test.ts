import { expect, it } from 'vitest';
import { DelayHistogram } from '../media/delay-histogram.ts';
import { parseMetrics } from '../testing/metrics-text.ts';
import { metricCatalogue } from './catalogue.ts';
import type { Figures } from './figures.ts';
import { MetricRegistry } from './metric-registry.ts';

const nothing = Object.fromEntries(
  Object.keys(metricCatalogue).map((name) => [name, []]),
) as unknown as Figures;

it('a histogram that was counted elsewhere has cumulative buckets in seconds, a sum and a count', async () => {
  const histogram = new DelayHistogram();
  for (const delayUs of [15, 15, 300, 3_000_000]) histogram.note(delayUs);
  const figures: Figures = {
    ...nothing,
    longreach_worker_event_loop_delay_seconds: [
      { labels: { worker: '2' }, value: histogram.counts() },
    ],
  };
  const { types, series } = parseMetrics(await new MetricRegistry().text(figures));
  const name = 'longreach_worker_event_loop_delay_seconds';
  expect(types.get(name)).toBe('histogram');
  const bucket = (le: string) => series.get(`${name}_bucket{worker="2",le="${le}"}`);
  expect(['0.00001', '0.00002', '0.0002', '0.0005', '1', '+Inf'].map(bucket)).toEqual([
    ...[0, 2, 2],
    ...[3, 3, 4],
  ]);
  expect(series.get(`${name}_sum{worker="2"}`)).toBeCloseTo(3.00033, 9);
  expect(series.get(`${name}_count{worker="2"}`)).toBe(4);
});

it('each writing stands for all that was written before', async () => {
  const registry = new MetricRegistry();
  const of = (room: string, value: number): Figures => {
    return { ...nothing, longreach_packets_in_total: [{ labels: { room }, value }] };
  };
  await registry.text(of('a', 5));
  const { series } = parseMetrics(await registry.text(of('b', 7)));
  const packets = [...series].filter(([name]) => name.startsWith('longreach_packets_in_total'));
  expect(packets).toEqual([['longreach_packets_in_total{room="b"}', 7]]);
});

it('what a machine is called cannot break the format', async () => {
  const room = 'a"b\\c\nd';
  const figures: Figures = { ...nothing, longreach_viewers: [{ labels: { room }, value: 1 }] };
  const { series } = parseMetrics(await new MetricRegistry().text(figures));
  expect(series.get('longreach_viewers{room="a\\"b\\\\c\\nd"}')).toBe(1);
});

it('names follow the rules of Prometheus: base units, and counters alone end in _total', () => {
  for (const [name, { type, labels }] of Object.entries(metricCatalogue)) {
    expect(name).toMatch(/^longreach_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(name).not.toMatch(/_(ms|us|milliseconds|kb|bits|percent)(_|$)/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    for (const label of labels) expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
  }
});
