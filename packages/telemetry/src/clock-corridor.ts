/**
 * Everything that the exchanges of a window leave open about another clock: pairs of its offset at one instant and of
 * its skew (how fast the offset grows, µs per µs). Each exchange cuts the plane of such pairs by two straight lines,
 * so what is left is a convex polygon: a corridor through the samples, narrow where they are dense. Pure.
 */

/** A corner of the polygon; `offsetUs` is at the corridor's own instant. */
export type Corner = { offsetUs: number; skew: number };
/** Corners in order around the polygon; fewer than three: nothing is left. */
export type Corridor = readonly Corner[];

/** Everything between two offsets with a skew of at most `maxSkew` either way. */
export function openCorridor(leastUs: number, mostUs: number, maxSkew: number): Corridor {
  return [
    { offsetUs: leastUs, skew: -maxSkew },
    { offsetUs: mostUs, skew: -maxSkew },
    { offsetUs: mostUs, skew: maxSkew },
    { offsetUs: leastUs, skew: maxSkew },
  ];
}

/** What is left of a corridor when `ageUs` before its instant the offset was at most `mostUs`. */
export function boundAbove(corridor: Corridor, ageUs: number, mostUs: number): Corridor {
  return cut(corridor, 1, ageUs, mostUs);
}

/** The same when it was at least `leastUs`. */
export function boundBelow(corridor: Corridor, ageUs: number, leastUs: number): Corridor {
  return cut(corridor, -1, ageUs, leastUs);
}

/** Whether any pair is left. */
export function isOpen(corridor: Corridor): boolean {
  return corridor.length >= 3;
}

/** Width of the corridor for one skew, and its middle at the corridor's instant; the skew must be within it. */
export function widthAt(corridor: Corridor, skew: number): { widthUs: number; middleUs: number } {
  let [leastUs, mostUs] = [Infinity, -Infinity];
  for (let i = 0; i < corridor.length; i++) {
    const corner = corridor[i] as Corner;
    const next = corridor[(i + 1) % corridor.length] as Corner;
    if ((corner.skew - skew) * (next.skew - skew) > 0) continue;
    const rise = next.skew - corner.skew;
    const share = rise === 0 ? 0 : (skew - corner.skew) / rise;
    const offsetUs = corner.offsetUs + share * (next.offsetUs - corner.offsetUs);
    leastUs = Math.min(leastUs, offsetUs);
    mostUs = Math.max(mostUs, offsetUs);
  }
  return { widthUs: mostUs - leastUs, middleUs: (leastUs + mostUs) / 2 };
}

/** Cuts a convex polygon by a line. Most lines miss it: then it is given back as it is. */
function cut(corridor: Corridor, sign: 1 | -1, ageUs: number, limitUs: number): Corridor {
  const excessOf = ({ offsetUs, skew }: Corner) => sign * (offsetUs - skew * ageUs - limitUs);
  if (!corridor.some((corner) => excessOf(corner) > 0)) return corridor;
  const left: Corner[] = [];
  for (let i = 0; i < corridor.length; i++) {
    const corner = corridor[i] as Corner;
    const next = corridor[(i + 1) % corridor.length] as Corner;
    const [excess, nextExcess] = [excessOf(corner), excessOf(next)];
    if (excess <= 0) left.push(corner);
    if (excess * nextExcess < 0) left.push(between(corner, next, excess / (excess - nextExcess)));
  }
  return left;
}

function between(from: Corner, to: Corner, share: number): Corner {
  return {
    offsetUs: from.offsetUs + share * (to.offsetUs - from.offsetUs),
    skew: from.skew + share * (to.skew - from.skew),
  };
}
