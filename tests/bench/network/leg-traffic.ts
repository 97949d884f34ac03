import type { PathCounts } from '@longreach/netem';
import type { Counters, NetworkRun } from './measure-run.ts';
import {
  type ConnectionTraffic,
  noTraffic,
  type PacketPurpose,
  type Traffic,
  type TrafficRecord,
} from './traffic-record.ts';

/** What the sender of pictures put on one leg in the measured time. */
export type LegFigures = {
  /** Repeats, parity and probes by media sent for the first time, %, bytes of whole RTP packets before encryption. */
  overheadPct: number;
  repeatPct: number;
  parityPct: number;
  /** All that arrived at the emulator (encryption, checks, reports and channels too) by that media, less 100 %. */
  wireOverheadPct: number;
  sentKbps: number;
  /** Of all packets in the picture's direction since the start, %. */
  droppedPct: number;
};

type Sent = Record<PacketPurpose, Traffic>;

/** What was sent so far on each leg. */
export type SentAt = { atUs: number; sent: Sent };

/** Figures of both legs. */
export function legFigures(run: NetworkRun): { uplink: LegFigures; operator: LegFigures } {
  const { uplink, operator } = run.after;
  return {
    uplink: figuresOf(uplinkSent(run.transport), run, uplink.toTarget),
    operator: figuresOf(operatorSent(run.worker), run, operator.toFlow),
  };
}

/** What the machine sent so far. */
export function uplinkSent(records: TrafficRecord[]): SentAt[] {
  return records.map(({ atUs, connections }) => ({ atUs, sent: sumOf(connections, () => true) }));
}

/** What the worker sent to viewers so far. */
export function operatorSent(records: TrafficRecord[]): SentAt[] {
  return records.map(({ atUs, connections }) => ({ atUs, sent: sumOf(connections, isViewer) }));
}

/**
 * Packets of media and its reports that some end of a leg sent or received but that no emulator passed, and those on
 * routes that end elsewhere. Since the start of the run.
 */
export function bypassedPackets(run: NetworkRun): number {
  const { after, ports, transport, worker, reading } = run;
  // The emulators' counters are read right after the end: what was sent later is not in them.
  const atEnd = (records: TrafficRecord[]) => newestBefore(records, reading.endedUs)?.connections;
  const machine = Object.values(atEnd(transport) ?? {});
  const atWorker = Object.entries(atEnd(worker) ?? {});
  const fieldEnds = atWorker.filter(([name]) => !isViewer(name)).map(([, traffic]) => traffic);
  const viewerEnds = atWorker.filter(([name]) => isViewer(name)).map(([, traffic]) => traffic);
  const { uplink, operator, page } = after;
  const ends: [ConnectionTraffic[], PathCounts, PathCounts][] = [
    [machine, uplink.toTarget, uplink.toFlow],
    [fieldEnds, uplink.toFlow, uplink.toTarget],
    [viewerEnds, operator.toFlow, operator.toTarget],
  ];
  const unseen = ends.map(
    ([end, forth, back]) =>
      Math.max(0, packetsOf(end, 'sent') - forth.arrivedPackets) +
      Math.max(0, receivedMedia(end) - back.deliveredPackets),
  );
  const astray = machine.filter(
    ({ remotePort }) => remotePort !== 0 && remotePort !== ports.uplink,
  );
  const strayed = packetsOf(astray, 'sent') + receivedMedia(astray);
  return sum(unseen) + strayed + pageBypassed(page, operator, ports.operator);
}

function pageBypassed(page: Counters['page'], leg: Counters['operator'], port: number): number {
  const received = sum(page.routes.map((route) => route.packetsReceived));
  const sent = sum(page.routes.map((route) => route.packetsSent));
  const astray = page.routes.filter((route) => route.remotePort !== port);
  const strayed = sum(astray.map((route) => route.packetsReceived + route.packetsSent));
  const unseen =
    Math.max(0, received - leg.toFlow.deliveredPackets) +
    Math.max(0, sent - leg.toTarget.arrivedPackets);
  return strayed + unseen;
}

function figuresOf(all: SentAt[], run: NetworkRun, path: PathCounts): LegFigures {
  const from = newestBefore(all, run.reading.startedUs);
  const to = newestBefore(all, run.reading.endedUs);
  const bytes = (purpose: PacketPurpose, at: SentAt | undefined) => at?.sent[purpose].bytes ?? 0;
  const sentOf = (purpose: PacketPurpose) => bytes(purpose, to) - bytes(purpose, from);
  const [media, repeat, parity] = [sentOf('media'), sentOf('repeat'), sentOf('parity')];
  const spanMs = ((to?.atUs ?? 0) - (from?.atUs ?? 0)) / 1000;
  const dropped = sum(Object.values(path.droppedPackets));
  return {
    overheadPct: ((repeat + parity) / media) * 100,
    repeatPct: (repeat / media) * 100,
    parityPct: (parity / media) * 100,
    wireOverheadPct: (path.arrivedBytes / bytes('media', to) - 1) * 100,
    sentKbps: ((media + repeat + parity) * 8) / spanMs,
    droppedPct: (dropped / path.arrivedPackets) * 100,
  };
}

function newestBefore<Dated extends { atUs: number }>(
  all: readonly Dated[],
  atUs: number,
): Dated | undefined {
  return all.findLast((one) => one.atUs <= atUs) ?? all[0];
}

/** The worker names connections `room/connection` for the machine, `room/peer/connection` for viewers. */
function isViewer(name: string): boolean {
  return name.split('/').length > 2;
}

function sumOf(
  connections: TrafficRecord['connections'],
  isMeant: (name: string) => boolean,
): Sent {
  const total = noTraffic();
  for (const [name, { sent }] of Object.entries(connections)) {
    if (!isMeant(name)) continue;
    for (const purpose of Object.keys(total) as PacketPurpose[]) {
      total[purpose].packets += sent[purpose].packets;
      total[purpose].bytes += sent[purpose].bytes;
    }
  }
  return total;
}

function packetsOf(ends: ConnectionTraffic[], direction: 'sent' | 'received'): number {
  return sum(ends.flatMap((end) => Object.values(end[direction]).map(({ packets }) => packets)));
}

/** Without reports: the library hands one that is about several tracks to each of them. */
function receivedMedia(ends: ConnectionTraffic[]): number {
  return packetsOf(ends, 'received') - sum(ends.map((end) => end.received.rtcp.packets));
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
