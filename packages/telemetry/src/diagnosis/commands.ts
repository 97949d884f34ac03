import type { RefusalCode } from '@longreach/protocol';
import { isHidden } from './conditions.ts';
import { figures } from './figures.ts';
import type { StreamSample } from './input.ts';
import { type Slots, type StreamView, slotsWhere } from './view.ts';
import type { Evidence } from './vocabulary.ts';

/** So many refused in a period are no accident: some are on their way when a state changes. */
export const leastRefused = 3;

/** Samples of a visible page in which so many commands were refused for one of these reasons. */
export function slotsOfRefusal(view: StreamView, codes: readonly RefusalCode[]): Slots {
  return slotsWhere(
    view,
    (sample) => !isHidden(sample) && refusedFor(sample, codes) >= leastRefused,
  );
}

/** Commands refused in these samples, by reason. */
export function citeRefusals(
  { samples }: StreamView,
  slots: Slots,
  codes: Readonly<Record<string, RefusalCode>>,
): Evidence[] {
  return Object.entries(codes).flatMap(([name, code]) => {
    const value = slots.reduce(
      (total, slot) => total + refusedFor(samples[slot] as StreamSample, [code]),
      0,
    );
    if (value === 0) return [];
    const figure = `browser.control.refused.${name}`;
    return [{ figure, value, unit: 'commands', limit: leastRefused }];
  });
}

/** Commands refused in a sample for whatever reason. */
export function refusedInAll(sample: StreamSample): number {
  const refused = sample.browser?.control?.refused ?? {};
  return Object.values(refused).reduce<number>((total, count) => total + (count ?? 0), 0);
}

/** Whether this browser drives, as far as is known, and can be expected to. */
export function isDriving(sample: StreamSample): boolean {
  const isGuest = sample.browser?.control?.permission === 'guest';
  return !isGuest && !isHidden(sample) && (figures.commandsSent.of(sample) ?? 0) > 0;
}

function refusedFor(sample: StreamSample, codes: readonly RefusalCode[]): number {
  const refused = sample.browser?.control?.refused;
  return codes.reduce<number>((total, code) => total + (refused?.[code] ?? 0), 0);
}
