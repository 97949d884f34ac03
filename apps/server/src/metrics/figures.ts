import type { DelayCounts } from '../media/delay-histogram.ts';
import type { DownlinkStats, RoomCounters, RoomStats } from '../media/worker-channel.ts';
import type { MetricName, metricCatalogue } from './catalogue.ts';

type Description<Name extends MetricName> = (typeof metricCatalogue)[Name];

/** One value of a metric, with all its labels. */
export type Sample<Name extends MetricName> = {
  labels: Record<Description<Name>['labels'][number], string>;
  value: Description<Name>['type'] extends 'histogram' ? DelayCounts : number;
};

/** Every metric with its values now. */
export type Figures = { [Name in MetricName]: Sample<Name>[] };

/** The value of a metric without labels. */
export function single<Value>(
  value: Value,
): Array<{ labels: Record<never, string>; value: Value }> {
  return [{ labels: {}, value }];
}

/** A value for each member of a record, its name as the label. */
export function byName<Label extends string>(
  label: Label,
  values: Readonly<Record<string, number>>,
): Array<{ labels: Record<Label, string>; value: number }> {
  return Object.entries(values).map(([name, value]) => ({
    labels: { [label]: name } as Record<Label, string>,
    value,
  }));
}

/** What was counted in rooms, by their labels. */
export function roomFigures(rooms: ReadonlyMap<string, RoomCounters>) {
  const all = [...rooms];
  const each = (pick: (counters: RoomCounters) => number) =>
    all.map(([room, counters]) => ({ labels: { room }, value: pick(counters) }));
  const purposes = (pick: (counters: RoomCounters) => Record<string, number>) =>
    all.flatMap(([room, counters]) =>
      Object.entries(pick(counters)).map(([purpose, value]) => ({
        labels: { room, purpose },
        value,
      })),
    );
  return {
    longreach_packets_in_total: each(({ packetsIn }) => packetsIn),
    longreach_packets_out_total: each(({ packetsOut }) => packetsOut),
    longreach_packets_repeated_total: each(({ packetsRepeated }) => packetsRepeated),
    longreach_uplink_packets_lost_total: each(({ uplink }) => uplink.lost),
    longreach_uplink_packets_recovered_total: each(({ uplink }) => uplink.recovered),
    longreach_uplink_packets_requested_total: each(({ uplink }) => uplink.requested),
    longreach_uplink_packets_given_up_total: each(({ uplink }) => uplink.givenUp),
    longreach_uplink_packets_duplicate_total: each(({ uplink }) => uplink.duplicates),
    longreach_uplink_bytes_total: purposes(({ uplink }) => {
      const { mediaBytes: media, parityBytes: parity, repeatBytes: repeat } = uplink;
      return { media, parity, repeat };
    }),
    longreach_downlink_bytes_total: purposes(({ downlink }) => downlink),
    longreach_commands_passed_total: each(({ commandsPassed }) => commandsPassed),
  } satisfies Partial<Figures>;
}

/** What open connections are like now, by room label; of viewers' links the worst. */
export function connectionFigures(rooms: readonly RoomStats[], labelOf: (room: string) => string) {
  const byLabel = new Map<string, RoomStats[]>();
  for (const room of rooms) {
    const label = labelOf(room.roomId);
    byLabel.set(label, [...(byLabel.get(label) ?? []), room]);
  }
  const each = (pick: (rooms: readonly RoomStats[]) => number) =>
    [...byLabel].map(([room, stats]) => ({ labels: { room }, value: pick(stats) }));
  const worst = (pick: (estimate: NonNullable<DownlinkStats['estimate']>) => number) =>
    each((stats) => {
      const links = stats.flatMap(({ downlinks }) => downlinks);
      return links.reduce((most, { estimate }) => Math.max(most, estimate ? pick(estimate) : 0), 0);
    });
  return {
    longreach_tracks: each((stats) => sumOf(stats, ({ uplinks }) => uplinks.length)),
    longreach_viewer_connections: each((stats) =>
      sumOf(stats, ({ downlinks }) => downlinks.length),
    ),
    longreach_downlink_loss_ratio: worst(({ lossShare }) => lossShare),
    longreach_downlink_round_trip_seconds: worst(({ roundTripMs }) => roundTripMs / 1_000),
    longreach_downlink_queue_delay_seconds: worst(({ queueDelayMs }) => queueDelayMs / 1_000),
  } satisfies Partial<Figures>;
}

/** Sum over items. */
export function sumOf<Item>(items: Iterable<Item>, pick: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += pick(item);
  return sum;
}
