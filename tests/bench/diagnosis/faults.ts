import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setPriority } from 'node:os';
import type { PlayerKind } from '@longreach/sdk';
import type { Verdict } from '@longreach/telemetry/diagnosis';
import { signalRenderers } from '../../support/renderer-processes.ts';
import type { DiagnosisBed, LegName, LinkFault } from './diagnosis-bed.ts';
import { holdProcesses } from './held-process.ts';

/** Something that is done to the real system, and who is to be blamed for it. */
export type Fault = {
  name: string;
  stage: Verdict['stage'];
  /** Default `datagram`. */
  player?: PlayerKind;
  /** Gives what mends it. */
  inject: (bed: DiagnosisBed) => Promise<() => void | Promise<void>>;
};

const heavyLoss: LinkFault = { loss: { kind: 'uniform', share: 0.7 } };
/** Less than half of what both streams are configured for. */
const scarce: LinkFault = { rate: 1_200, queue: { ms: 200 } };

function linkFault(leg: LegName, fault: LinkFault): Fault['inject'] {
  return async (bed) => {
    await bed.setLink(leg, fault);
    return () => bed.setLink(leg, {});
  };
}

/** Every fault that the diagnosis has to name. */
export const faults: readonly Fault[] = [
  {
    name: 'stalled camera',
    stage: 'camera',
    inject: async ({ camera }) => {
      camera.stall();
      return () => camera.resume();
    },
  },
  { name: 'encoder overloaded', stage: 'encoder', inject: starveEncoder },
  { name: 'loss on the uplink', stage: 'uplink', inject: linkFault('uplink', heavyLoss) },
  {
    name: "loss on the operator's leg",
    stage: 'downlink',
    inject: linkFault('operator', heavyLoss),
  },
  { name: 'rate limit on the uplink', stage: 'uplink', inject: linkFault('uplink', scarce) },
  {
    name: "rate limit on the operator's leg",
    stage: 'downlink',
    inject: linkFault('operator', scarce),
  },
  {
    name: 'worker held by CPU',
    stage: 'server',
    inject: async ({ system }) =>
      holdProcesses(await system.server.workerPids(), { stoppedMs: 200, runningMs: 150 }),
  },
  { name: 'decoder starved', stage: 'decoder', inject: holdRenderer },
  { name: 'hidden page', stage: 'rendering', inject: hidePage },
  { name: 'control path blocked', stage: 'controlPath', inject: stopGuard },
  { name: 'jitter buffer grown', stage: 'jitterBuffer', player: 'rtp', inject: growBuffer },
];

/** Another program of higher priority takes most of the one core that the encoder may use. */
async function starveEncoder({ system }: DiagnosisBed): Promise<() => Promise<void>> {
  const pid = system.agent.pids().media as number;
  await runTool('taskset', ['-apc', '0', String(pid)]);
  for (const thread of await threadsOf(pid)) setPriority(thread, 10);
  const burner = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);']);
  return async () => {
    burner.kill('SIGKILL');
    await once(burner, 'exit');
    for (const thread of await threadsOf(pid)) setPriority(thread, 0);
    await runTool('taskset', ['-apc', '0-63', String(pid)]);
  };
}

async function threadsOf(pid: number): Promise<number[]> {
  return (await readdir(`/proc/${pid}/task`)).map(Number);
}

async function runTool(name: string, args: string[]): Promise<void> {
  const [code] = await once(spawn(name, args, { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}`);
}

/** The page's process runs for a third of the time: its decoder, its workers and the page itself. */
async function holdRenderer({ browser }: DiagnosisBed): Promise<() => Promise<void>> {
  let isOver = false;
  const run = async () => {
    while (!isOver) {
      await signalRenderers(browser, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 500));
      await signalRenderers(browser, 'SIGCONT');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    await running;
  };
}

/** The window is minimised. */
async function hidePage({ page }: DiagnosisBed): Promise<() => Promise<void>> {
  const session = await page.page.context().newCDPSession(page.page);
  const { windowId } = await session.send('Browser.getWindowForTarget');
  const set = (windowState: 'minimized' | 'normal') =>
    session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } });
  await set('minimized');
  return async () => {
    await set('normal');
    await session.detach();
  };
}

/** The process that releases commands stands still: nothing that is sent is released. */
async function stopGuard({ system }: DiagnosisBed): Promise<() => void> {
  const pid = system.agent.pids().guard as number;
  process.kill(pid, 'SIGSTOP');
  return () => process.kill(pid, 'SIGCONT');
}

/** The browser is asked for a long buffer again and again. */
async function growBuffer({ page }: DiagnosisBed): Promise<() => Promise<void>> {
  const timer = await page.page.evaluate(() => {
    const { peers } = window.longreachTaps;
    return setInterval(() => {
      for (const peer of peers) {
        for (const receiver of peer.getReceivers()) {
          if (receiver.track.kind === 'video') Object.assign(receiver, { jitterBufferTarget: 500 });
        }
      }
    }, 100);
  });
  return () => page.page.evaluate((id) => clearInterval(id), timer);
}
