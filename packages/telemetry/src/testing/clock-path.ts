import { ClockSync, type ClockSyncOptions } from '../clock-sync.ts';

/** A path between two clocks in virtual time. */
export type ClockPath = {
  seed: number;
  /** Time of each way without waiting, µs. */
  thereUs: number;
  backUs: number;
  /** What packets wait besides, µs; given a random number from 0 to 1. */
  waitUs: (random: number) => number;
  /** Share of exchanges that get lost. Default 0. */
  loss?: number;
  /** Between two exchanges, µs. Default 1 s. */
  periodUs?: number;
  /** The other clock minus ours at our time. */
  offsetAtUs: (us: number) => number;
  /** Our clock's readings. Default: to the µs. */
  readUs?: (us: number) => number;
};

/** What was known at one instant, against the truth, µs. */
export type Look = { atUs: number; errorUs: number; uncertaintyUs: number };

const burst = { exchanges: 8, periodUs: 30_000 };
const lookPeriodUs = 50_000;

/** Exchanges stamps over the path for so long, and looks every 50 ms; instants without an offset are left out. */
export function walkClockPath(
  path: ClockPath,
  lengthUs: number,
  options: ClockSyncOptions = {},
): Look[] {
  const sync = new ClockSync(options);
  const random = createRandom(path.seed);
  const { periodUs = 1_000_000, readUs = (us: number) => us, loss = 0 } = path;
  const arrivals: Array<{ atUs: number; take: () => void }> = [];
  const looks: Look[] = [];
  let [sentUs, exchanges] = [37, 0];
  for (let nowUs = 0; nowUs <= lengthUs; nowUs += lookPeriodUs) {
    while (sentUs <= nowUs) {
      const thereUs = sentUs + path.thereUs + path.waitUs(random());
      const backUs = thereUs + path.backUs + path.waitUs(random());
      const stampUs = Math.floor(thereUs + path.offsetAtUs(thereUs));
      const stamps = { receivedUs: stampUs, repliedUs: stampUs };
      const own = { sentUs: readUs(sentUs), arrivedUs: readUs(backUs) };
      const take = () => void sync.handleExchange({ ...stamps, ...own });
      if (random() >= loss) arrivals.push({ atUs: backUs, take });
      sentUs += exchanges++ < burst.exchanges ? burst.periodUs : periodUs;
    }
    arrivals.sort((a, b) => a.atUs - b.atUs);
    while (arrivals[0] && arrivals[0].atUs <= nowUs) arrivals.shift()?.take();
    const known = sync.offsetAt(nowUs);
    if (!known) continue;
    const errorUs = Math.abs(known.offsetUs - path.offsetAtUs(nowUs));
    looks.push({ atUs: nowUs, errorUs, uncertaintyUs: known.uncertaintyUs });
  }
  return looks;
}

/** Share of the looks at which the truth lay within offset ± uncertainty. */
export function honestShare(looks: readonly Look[]): number {
  return looks.filter((look) => look.errorUs <= look.uncertaintyUs).length / looks.length;
}

/** The error that this share of the looks does not exceed, µs. */
export function errorQuantile(looks: readonly Look[], share: number): number {
  const errors = looks.map(({ errorUs }) => errorUs).sort((a, b) => a - b);
  return errors[Math.min(errors.length - 1, Math.floor(share * errors.length))] ?? Number.NaN;
}

/** Numbers from 0 to 1 (xorshift). */
function createRandom(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
