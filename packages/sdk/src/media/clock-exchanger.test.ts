import { Emitter } from '@longreach/kit';
import { decodeClock, encodeClock } from '@longreach/protocol';
import { expect, test } from 'vitest';
import { ManualPageClock } from '../testing/manual-page-clock.ts';
import { ClockExchanger } from './clock-exchanger.ts';
import type { MediaConnectionEvents } from './media-connection.ts';
import type { SendResult } from './message-path.ts';

/** Unanswered requests from which on a worker counts as gone (`lines.ts`). */
const gone = 5;

/** The worker's end, which may be silent. */
class FakeConnection extends Emitter<MediaConnectionEvents> {
  answers = true;
  requests = 0;

  send(_label: string, bytes: Uint8Array<ArrayBuffer>): SendResult {
    this.requests++;
    const request = decodeClock(bytes);
    if (!this.answers || request?.kind !== 'request') return 'sent';
    const { sentUs } = request;
    const reply = encodeClock({ kind: 'reply', sentUs, receivedUs: 5, repliedUs: 6 });
    this.emit('clockReceived', reply);
    return 'sent';
  }
}

function open(answers: boolean) {
  const clock = new ManualPageClock();
  const connection = new FakeConnection();
  connection.answers = answers;
  const exchanges: unknown[] = [];
  const exchanger = new ClockExchanger(connection, clock, (exchange) => exchanges.push(exchange));
  connection.emit('channelOpened', 'clock');
  return { clock, connection, exchanger, exchanges };
}

test('eight exchanges in a quarter of a second, then one a second', async () => {
  const { clock, exchanges } = open(true);
  await clock.advance(250);
  expect(exchanges).toHaveLength(8);
  await clock.advance(5_000);
  expect(exchanges.length).toBeGreaterThanOrEqual(12);
  expect(exchanges.length).toBeLessThanOrEqual(13);
});

test('a worker that falls silent is known within two seconds, unless its reports go on', async () => {
  const { clock, connection, exchanger } = open(true);
  await clock.advance(3_000);
  connection.answers = false;
  await clock.advance(2_000);
  expect(exchanger.unanswered).toBeGreaterThanOrEqual(gone);
  connection.emit('reportReceived', new Uint8Array());
  expect(exchanger.unanswered).toBe(0);
});

test('one that was never heard is waited for for three seconds, not for six', async () => {
  const { clock, exchanger } = open(false);
  await clock.advance(3_000);
  expect(exchanger.unanswered).toBeLessThan(gone);
  await clock.advance(3_000);
  expect(exchanger.unanswered).toBeGreaterThanOrEqual(gone);
});
