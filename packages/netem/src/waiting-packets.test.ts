import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WaitingPackets } from './waiting-packets.ts';

it('gives back what is due in the order of time, then of arrival, and nothing before', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (dues, limit) => {
      const waiting = new WaitingPackets<{ dueUs: number; order: number }>();
      for (const [order, dueUs] of dues.entries()) waiting.add({ dueUs, order });
      const items = dues.map((dueUs, order) => ({ dueUs, order }));
      const expected = items.toSorted((a, b) => a.dueUs - b.dueUs || a.order - b.order);
      const taken = [];
      for (let item = waiting.takeDue(limit); item; item = waiting.takeDue(limit)) taken.push(item);
      expect(taken).toEqual(expected.filter(({ dueUs }) => dueUs <= limit));
      expect(waiting.nextDueUs).toBe(expected.find(({ dueUs }) => dueUs > limit)?.dueUs);
    }),
  );
});
