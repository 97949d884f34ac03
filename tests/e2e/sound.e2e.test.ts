import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CockpitPage } from '../support/cockpit-page.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeLoudspeaker, installFakeLoudspeaker } from '../support/fake-loudspeaker.ts';
import { readSound } from '../support/page-taps.ts';
import { startTestBed, type TestBed } from '../support/test-bed.ts';

/** Packets of 20 ms: a second of talking. */
const aSecond = 50;

let loudspeaker: FakeLoudspeaker;
let bed: TestBed;
let master: CockpitPage;
let guest: CockpitPage;

beforeAll(async () => {
  loudspeaker = await installFakeLoudspeaker();
  bed = await startTestBed({
    adjustMachine: (config) => {
      config.audio_play = 'hw:0,0';
    },
  });
  master = await bed.openMachine('operator-1');
  guest = await bed.openMachine('operator-2');
});
afterAll(async () => {
  await bed?.close();
  await loudspeaker?.close();
});

/** Publishes the page's microphone (Chromium's stand-in for one beeps every second). */
function speak(cockpit: CockpitPage): Promise<void> {
  return cockpit.page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const client = document.querySelector('longreach-cockpit')?.client;
    await client?.publishLocalTrack('rover-1', stream.getAudioTracks()[0] as MediaStreamTrack);
  });
}

/** Resolves when this page has sent another second of sound. */
async function expectSpoken(cockpit: CockpitPage): Promise<void> {
  const { sent } = await readSound(cockpit.page);
  await eventually('a second of speech', async () => {
    return (await readSound(cockpit.page)).sent > sent + aSecond;
  });
}

test('the machine’s sound reaches every page', async () => {
  for (const cockpit of [master, guest]) {
    const before = await readSound(cockpit.page);
    await eventually('sound, not silence', async () => {
      const now = await readSound(cockpit.page);
      return now.received > before.received + aSecond && now.energy > before.energy;
    });
  }
});

test('the machine plays the microphone of its master and of nobody else', async () => {
  await master.requestControl();
  await speak(guest);
  await expectSpoken(guest);
  expect(await loudspeaker.played()).toBe(0);

  await speak(master);
  await eventually('a second at the loudspeaker', async () => {
    return (await loudspeaker.played()) > 48_000;
  });
  await eventually('a beep', async () => (await loudspeaker.level()) > 0.01);
});

test('without a master the machine plays nobody; the next master is heard', async () => {
  await master.releaseControl();
  // What was under way when control ended may still be played.
  await eventually('silence while both speak', async () => {
    const before = await loudspeaker.played();
    await Promise.all([expectSpoken(guest), expectSpoken(master)]);
    return (await loudspeaker.played()) === before;
  });
  const before = await loudspeaker.played();
  await guest.requestControl();
  await eventually('the new master at the loudspeaker', async () => {
    return (await loudspeaker.played()) > before + 48_000;
  });
});
