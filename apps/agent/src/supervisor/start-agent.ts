import type { AgentConfig } from '../config/parse-config.ts';
import { machineClock } from '../local/machine-clock.ts';
import type { Log } from '../publish/log.ts';
import type { FromTransport } from '../publish/transport-options.ts';
import type { MachineStatsMessage } from '../statistics/machine-stats.ts';
import { type ProcessName, planProcesses, stateFileIn } from './agent-plan.ts';
import { AgentProcesses } from './agent-processes.ts';
import { MachineWatch } from './machine-watch.ts';
import { createRuntimeDirectory, removeRuntimeDirectory } from './runtime-directory.ts';

/** What a machine is started with. */
export type AgentOptions = {
  config: AgentConfig;
  /** The device's key. Default: the configuration's `password`. */
  secret?: string;
  /** File that keeps the lease epoch over restarts. Default: one that goes with the runtime directory. */
  stateFile?: string;
  /** Local address of the media port. Default: loopback for a server on this machine, else all. */
  bindAddress?: string;
  log: Log;
};

/** A machine that runs. */
export type RunningAgent = {
  /** Directory of its local sockets; gone after `close`. */
  readonly runtimeDir: string;
  /** Process ids now; undefined = there is none, or it is about to be started again. */
  pids(): Record<ProcessName, number | undefined>;
  /** Ends every process and removes the runtime directory. Idempotent. */
  close(): Promise<void>;
};

/** Starts a machine's processes; resolves when all are ready. Rejects with a LongreachError, leaving nothing behind. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { config, log } = options;
  const runtimeDir = await createRuntimeDirectory();
  let resumeToken: string | undefined;
  const plans = planProcesses({
    config,
    secret: options.secret ?? config.password ?? '',
    runtimeDir,
    stateFile: options.stateFile ?? stateFileIn(runtimeDir, config.deviceId),
    bindAddress: options.bindAddress,
    resumeToken: () => resumeToken,
  });
  const processes = new AgentProcesses(plans, log);
  processes.find('transport')?.on('messageReceived', (message) => {
    const told = message as FromTransport;
    if (told.type === 'resumeToken') resumeToken = told.token;
  });
  const watch = watchMachine(processes);
  let closing: Promise<void> | undefined;
  const close = () => {
    watch.close();
    closing ??= processes.close().then(() => removeRuntimeDirectory(runtimeDir));
    return closing;
  };
  try {
    await processes.start();
  } catch (error) {
    await close();
    throw error;
  }
  log.info({ deviceId: config.deviceId, runtimeDir }, 'agent ready');
  return { runtimeDir, pids: () => pidsOf(processes), close };
}

/** What the system says of the computer and of these processes goes to the transport, which reports it. */
function watchMachine(processes: AgentProcesses): MachineWatch {
  const self = { name: 'agent', pid: process.pid, startedUs: machineClock.nowUs(), restarts: 0 };
  return new MachineWatch({
    clock: machineClock,
    processes: () => [...processes.running(), self],
    onStats: (stats) => {
      const message: MachineStatsMessage = { type: 'machineStats', stats };
      processes.find('transport')?.send(message);
    },
  });
}

function pidsOf(processes: AgentProcesses): Record<ProcessName, number | undefined> {
  const pidOf = (name: ProcessName) => processes.find(name)?.pid;
  return {
    guard: pidOf('guard'),
    vehicle: pidOf('vehicle'),
    media: pidOf('media'),
    transport: pidOf('transport'),
  };
}
