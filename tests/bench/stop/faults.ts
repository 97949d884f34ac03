import type { Relay } from '@longreach/netem';
import type { BenchSystem } from '../page/bench-system.ts';

/** One way to break a drive. `strike` gives back at the moment of the fault; `heal` undoes what does not heal itself. */
export type Fault = {
  name: string;
  /** Found before the moment counts, e.g. a process id. */
  prepare(): Promise<() => void>;
  heal?(): Promise<void>;
};

/** The paths to the media worker that can be cut. */
export type CuttablePaths = { browser: Relay; machine: Relay };

/** The faults of a drive, in the order in which they strike. `reopen` gives the operator a new tab. */
export function createFaults(
  system: BenchSystem,
  paths: CuttablePaths,
  reopen: () => Promise<void>,
): Fault[] {
  const { server, agent } = system;
  return [
    {
      name: 'server',
      prepare: async () => killer(server.pid()),
      heal: async () => {
        await server.kill();
        await server.restart();
      },
    },
    { name: 'worker', prepare: async () => killer((await server.workerPids())[0]) },
    { name: 'transport', prepare: async () => killer(agent.pids().transport) },
    { name: 'encoder', prepare: async () => killer(agent.pids().media) },
    { name: 'tab', prepare: () => tabKiller(system), heal: reopen },
    cut('browserPath', paths.browser),
    cut('machinePath', paths.machine),
  ];
}

/** The guard itself dies: the actuator's own limit stops the machine. */
export function guardFault({ agent }: BenchSystem): Fault {
  return { name: 'guard', prepare: async () => killer(agent.pids().guard) };
}

function cut(name: string, path: Relay): Fault {
  return {
    name,
    prepare: async () => () => path.cut(),
    heal: async () => path.restore(),
  };
}

function killer(pid: number | undefined): () => void {
  if (pid === undefined) throw new Error('there is no such process');
  return () => process.kill(pid, 'SIGKILL');
}

/** Every renderer of this browser; it belongs to the benchmark alone. */
async function tabKiller({ browser }: BenchSystem): Promise<() => void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  if (renderers.length === 0) throw new Error('the browser shows no tab');
  return () => {
    for (const pid of renderers) process.kill(pid, 'SIGKILL');
  };
}
