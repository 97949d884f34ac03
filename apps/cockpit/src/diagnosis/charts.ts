import type { Diagnosis } from '@longreach/sdk';

type Stream = Diagnosis['streams'][number];
type Sample = Stream['samples'][number];

/** One figure over time; null where it is not known. */
export type ChartLine = { label: string; values: Array<number | null> };

/** Figures of one unit over the same times. */
export type Chart = { title: string; unit: string; timesS: number[]; lines: ChartLine[] };

type Figure = (sample: Sample) => number | undefined;
type Plan = { title: string; unit: string; figures: ReadonlyArray<readonly [string, Figure]> };

/** Along the life of a frame, so that the line that falls first shows where it happened. */
const plans: readonly Plan[] = [
  {
    title: 'Pictures a second',
    unit: 'fps',
    figures: [
      ['captured', ({ machine }) => machine?.camera?.capturedFps],
      ['encoded', ({ machine }) => machine?.encoder?.encodedFps],
      ['at the server', ({ server }) => server?.stream?.receivedFps],
      ['decoded', (sample) => perSecond(sample, sample.browser?.stats?.framesDecodedDelta)],
      ['shown', ({ browser }) => browser?.stats?.fps],
    ],
  },
  {
    title: 'Rate',
    unit: 'Mbit/s',
    figures: [
      ['asked of the encoder', ({ machine }) => mega(machine?.encoder?.targetBitrateBps)],
      ['encoded', ({ machine }) => mega(machine?.encoder?.actualBitrateBps)],
      ['uplink carries', ({ machine }) => mega(machine?.uplink?.estimateBps)],
      ['downlink carries', ({ server }) => mega(server?.viewer?.estimateBps)],
      ['received', ({ browser }) => browser?.stats?.bitrate],
    ],
  },
  {
    title: 'Loss on the way',
    unit: '%',
    figures: [
      ['uplink', ({ machine }) => percent(machine?.uplink?.lossShare)],
      ['downlink', ({ server }) => percent(server?.viewer?.lossShare)],
      ['frozen over 150 ms', ({ browser }) => browser?.stats?.lag150],
    ],
  },
  {
    title: 'Delays',
    unit: 'ms',
    figures: [
      ['latency', ({ browser }) => browser?.stats?.latency],
      ['encoding', ({ machine }) => machine?.encoder?.encodeTimeMs],
      ['queue of the uplink', ({ machine }) => machine?.uplink?.queueDelayMs],
      ['queue of the downlink', ({ server }) => server?.viewer?.queueDelayMs],
      ['jitter buffer', ({ browser }) => browser?.stats?.jitterBuffer],
      ['decoding', ({ browser }) => browser?.stats?.decodeTime],
      ['loop age', ({ browser }) => browser?.control?.loopAgeMs],
    ],
  },
];

/** The charts of one stream; figures that nobody knows are left out. */
export function chartsOf({ samples }: Stream): Chart[] {
  const sorted = samples.toSorted((one, other) => one.atMs - other.atMs);
  const endMs = sorted.at(-1)?.atMs ?? 0;
  const timesS = sorted.map(({ atMs }) => Math.round((atMs - endMs) / 100) / 10);
  return plans
    .map(({ title, unit, figures }) => ({ title, unit, timesS, lines: linesOf(figures, sorted) }))
    .filter(({ lines }) => lines.length > 0);
}

function linesOf(figures: Plan['figures'], samples: readonly Sample[]): ChartLine[] {
  return figures
    .map(([label, of]) => ({ label, values: samples.map((sample) => of(sample) ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null));
}

function perSecond({ periodMs = 2000 }: Sample, count: number | undefined): number | undefined {
  return count === undefined ? undefined : count / (periodMs / 1000);
}

function mega(bps: number | undefined): number | undefined {
  return bps === undefined ? undefined : bps / 1_000_000;
}

function percent(share: number | undefined): number | undefined {
  return share === undefined ? undefined : share * 100;
}
