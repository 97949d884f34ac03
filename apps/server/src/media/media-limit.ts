/** One viewer's connection as far as the machine's rate depends on it. */
export type ViewerLink = {
  isMaster: boolean;
  /** What its link takes of video, bit/s; undefined while it is not known. */
  limitBps: number | undefined;
};

/** What the machine is told when nobody limits it, bit/s. */
const unlimitedBps = 100_000_000;
const intervalUs = 100_000;
const unlimitedIntervalUs = 1_000_000;
/** A fall by more than this is told at once. */
const tellFall = 0.9;

/** Decides what the machine is told that its viewers take: the master's links count, guests' never lower it. Pure. */
export class MediaLimit {
  #toldBps = 0;
  #dueUs = Number.NEGATIVE_INFINITY;

  /** The bitrate to tell the machine now, bit/s, or undefined for nothing. `hasMaster`: somebody holds the lease. */
  take(links: readonly ViewerLink[], hasMaster: boolean, nowUs: number): number | undefined {
    const limitBps = limitOf(links, hasMaster);
    const isFallen = limitBps < this.#toldBps * tellFall;
    if (nowUs < this.#dueUs && !isFallen) return undefined;
    this.#toldBps = limitBps;
    this.#dueUs = nowUs + (limitBps === unlimitedBps ? unlimitedIntervalUs : intervalUs);
    return Math.round(limitBps);
  }
}

/** The least of the master's; while nobody is master, the greatest of the guests'. */
function limitOf(links: readonly ViewerLink[], hasMaster: boolean): number {
  let leastBps = unlimitedBps;
  let greatestBps = 0;
  for (const { isMaster, limitBps } of links) {
    if (isMaster) leastBps = Math.min(leastBps, limitBps ?? unlimitedBps);
    else greatestBps = Math.max(greatestBps, limitBps ?? unlimitedBps);
  }
  if (hasMaster || links.length === 0) return leastBps;
  return Math.min(unlimitedBps, greatestBps);
}
