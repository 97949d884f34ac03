import type { LongreachClient } from '@longreach/sdk';

/** One time forward and back again, ms. */
const shuttleMs = 4000;
/** A network that loses half of everything may lose a request too. */
const tries = 5;

/** Drives forward and back, wheels turning, for as long as the page is open: a picture that stands still flatters. */
export async function drive(client: LongreachClient, machineId: string): Promise<void> {
  await becomeMaster(client, machineId);
  client.on('stateReported', ({ report }) => {
    if (report.guardMode === 'stopped') client.rearm(machineId);
  });
  client.startDriving(machineId, {
    mainStreamId: () => 0,
    sample: () => {
      const turn = (performance.now() / shuttleMs) * 2 * Math.PI;
      return { axes: [Math.sin(turn / 2), Math.cos(turn) < 0 ? -0.5 : 0.5, 0] };
    },
  });
}

async function becomeMaster(client: LongreachClient, machineId: string): Promise<void> {
  for (let left = tries; ; left--) {
    const granted = await client.requestPermission(machineId).catch((error: unknown) => {
      if (left === 0) throw error;
    });
    if (granted?.permission === 'master') return;
    if (left === 0) throw new Error('the machine is not ours to drive');
  }
}
