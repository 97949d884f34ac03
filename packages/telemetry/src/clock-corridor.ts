/**
 * Everything that the exchanges of a window leave open about another clock: pairs of its offset at one instant and of
 * its skew (how fast the offset grows, µs per µs). Each exchange cuts the plane of such pairs by two straight lines,
 * so what is left is a convex polygon: a corridor through the samples, narrow where they are dense. Pure.
 */

/** A corner of the polygon; `offsetUs` is at the corridor's own instant. */
export type Corner = { offsetUs: number; skew: number };
/** Corners in order around the polygon; fewer than three: nothing is left. */
export type Corridor = readonly Corner[];

/** One line: `ageUs` before the corridor's instant the offset was on one side of `offsetUs`. */
export type Bound = { side: 'atMost' | 'atLeast'; ageUs: number; offsetUs: number };

/** Everything between two offsets with a skew of at most `maxSkew` either way. */
export function openCorridor(leastUs: number, mostUs: number, maxSkew: number): Corridor {
  return [
    { offsetUs: leastUs, skew: -maxSkew },
    { offsetUs: mostUs, skew: -maxSkew },
    { offsetUs: mostUs, skew: maxSkew },
    { offsetUs: leastUs, skew: maxSkew },
  ];
}

/** What a bound leaves of a corridor. */
export function narrowCorridor(corridor: Corridor, { side, ageUs, offsetUs }: Bound): Corridor {
  const sign = side === 'atMost' ? 1 : -1;
  const excessOf = (corner: Corner) => sign * (corner.offsetUs - corner.skew * ageUs - offsetUs);
  const left: Corner[] = [];
  corridor.forEach((corner, i) => {
    const next = corridor[(i + 1) % corridor.length] as Corner;
    const [excess, nextExcess] = [excessOf(corner), excessOf(next)];
    if (excess <= 0) left.push(corner);
    if (excess * nextExcess < 0) left.push(between(corner, next, excess / (excess - nextExcess)));
  });
  return left;
}

/** Whether any pair is left. */
export function isOpen(corridor: Corridor): boolean {
  return corridor.length >= 3;
}

/** Width of the corridor for one skew, and its middle at the corridor's instant; undefined outside. */
export function widthAt(
  corridor: Corridor,
  skew: number,
): { widthUs: number; middleUs: number } | undefined {
  let [leastUs, mostUs] = [Infinity, -Infinity];
  corridor.forEach((corner, i) => {
    const next = corridor[(i + 1) % corridor.length] as Corner;
    if ((corner.skew - skew) * (next.skew - skew) > 0) return;
    const rise = next.skew - corner.skew;
    const crossings =
      rise === 0 ? [corner, next] : [between(corner, next, (skew - corner.skew) / rise)];
    for (const { offsetUs } of crossings) {
      leastUs = Math.min(leastUs, offsetUs);
      mostUs = Math.max(mostUs, offsetUs);
    }
  });
  return mostUs < leastUs
    ? undefined
    : { widthUs: mostUs - leastUs, middleUs: (leastUs + mostUs) / 2 };
}

function between(from: Corner, to: Corner, share: number): Corner {
  return {
    offsetUs: from.offsetUs + share * (to.offsetUs - from.offsetUs),
    skew: from.skew + share * (to.skew - from.skew),
  };
}
