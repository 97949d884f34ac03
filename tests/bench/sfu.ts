/**
 * CPU per forwarded packet of one media worker, beside Debian's Janus (streaming plugin, plain RTP in) under the
 * same load generator, in turn, in one run; and the delay that the worker adds at 30,000 packets a second out.
 * Server and load run on separate cores. Options: --json, --peer janus, --seconds N, --rounds N.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromWorker, ToWorker } from '@longreach/server/worker-channel';
import { ensurePackage } from '../../scripts/system-packages.ts';
import { enterOwnNetwork, ownNetworkAddress } from './own-network.ts';
import { processCpuUs } from './process-cpu.ts';
import {
  ascending,
  type FigureRow,
  median,
  numberOption,
  printReport,
  quantile,
  rounded,
} from './report.ts';
import { startJanus } from './sfu/janus-server.ts';
import type { FromLoad, LoadScenario, LoadTarget, ToLoad } from './sfu/load-messages.ts';

const serverCpu = 0;
const loadCpu = 1;
const workerPort = 48_400;
const workerMain = fileURLToPath(import.meta.resolve('@longreach/server/worker-main'));
const loadMain = fileURLToPath(new URL('./sfu/load.ts', import.meta.url));

const seconds = numberOption('seconds', 6);
const rounds = numberOption('rounds', 3);
// Janus offers no loopback candidates: with it, everything runs in a network of our own.
const withJanus = process.argv[process.argv.indexOf('--peer') + 1] === 'janus';
const address = withJanus ? ownNetworkAddress : '127.0.0.1';
const scenarios = {
  fanout: { publishers: 1, packetsPerSecond: 4000, viewersPerPublisher: 16, seconds },
  sparse: { publishers: 16, packetsPerSecond: 400, viewersPerPublisher: 2, seconds },
  delay: { publishers: 1, packetsPerSecond: 1875, viewersPerPublisher: 16, seconds },
} satisfies Record<string, LoadScenario>;

type Measured = { cpuUsPerPacket: number; receivedShare: number; delaysMs: number[] };

function pinned(main: string, cpu: number): ChildProcess {
  const child = fork(main, { serialization: 'advanced' });
  // fork cannot set an affinity; taskset sets it for all threads that come after.
  spawn('taskset', ['-acp', `${cpu}`, `${child.pid}`], { stdio: 'ignore' });
  return child;
}

function startWorker(): { child: ChildProcess; ready: Promise<void> } {
  const child = pinned(workerMain, serverCpu);
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: FromWorker) => message.type === 'ready' && resolve());
  });
  const limits = {
    messagesPerSecond: 100,
    bytesPerSecond: 102_400,
    unreliablePayloadBytes: 1024,
    reliablePayloadBytes: 10_240,
  };
  child.send({
    type: 'start',
    options: { bindAddress: address, port: workerPort, announcedAddresses: [], limits },
  } satisfies ToWorker);
  return { child, ready };
}

/** Hands the load's offers to the worker and the worker's answers back. */
function relayOffers(load: ChildProcess, worker: ChildProcess): void {
  load.on('message', (message: FromLoad) => {
    if (message.type !== 'offer') return;
    const { id, role, room, peer, sdp } = message;
    worker.send({
      type: 'offer',
      id,
      roomId: room,
      peerId: peer,
      role,
      connectionId: 'main',
      sdp,
      slots: [{ mid: '0', streamId: 0, mediaType: 'video' }],
    } satisfies ToWorker);
  });
  worker.on('message', (message: FromWorker) => {
    if (message.type !== 'reply' || message.sdp === undefined) return;
    load.send({ type: 'answer', id: message.id, sdp: message.sdp } satisfies ToLoad);
  });
}

async function measure(
  scenario: LoadScenario,
  target: LoadTarget,
  serverPid: number,
  load: ChildProcess,
): Promise<Measured> {
  let cpuBeforeUs = 0;
  const measured = new Promise<Extract<FromLoad, { type: 'measured' }>>((resolve, reject) => {
    load.once('exit', () => reject(new Error('the load generator ended early')));
    load.on('message', (message: FromLoad) => {
      if (message.type === 'measuring') cpuBeforeUs = processCpuUs(serverPid);
      if (message.type === 'measured') resolve(message);
    });
  });
  load.send({ type: 'run', scenario, target } satisfies ToLoad);
  const { sent, sampleReceived, delaysMs } = await measured;
  const cpuUs = processCpuUs(serverPid) - cpuBeforeUs;
  const receivedShare = sampleReceived / (sent * scenario.publishers);
  // Only what arrived was forwarded: a server that drops packets does not get cheaper by it.
  const forwarded =
    sent * scenario.publishers * scenario.viewersPerPublisher * Math.min(1, receivedShare);
  return { cpuUsPerPacket: cpuUs / forwarded, receivedShare, delaysMs };
}

async function measureLongreach(scenario: LoadScenario): Promise<Measured> {
  const { child: worker, ready } = startWorker();
  await ready;
  const load = pinned(loadMain, loadCpu);
  relayOffers(load, worker);
  try {
    return await measure(scenario, { kind: 'longreach', address }, worker.pid as number, load);
  } finally {
    await Promise.all([ended(load), ended(worker)]);
  }
}

async function measureJanus(scenario: LoadScenario, program: string): Promise<Measured> {
  const janus = await startJanus(program, address, scenario.publishers, serverCpu);
  const load = pinned(loadMain, loadCpu);
  try {
    const { webSocketPort, firstRtpPort } = janus;
    const target = { kind: 'janus', address, webSocketPort, firstRtpPort } as const;
    return await measure(scenario, target, janus.pid, load);
  } finally {
    await ended(load);
    await janus.close();
  }
}

function ended(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.connected) child.disconnect();
  setTimeout(() => child.kill('SIGKILL'), 2000).unref();
  return exit;
}

async function compare(name: 'fanout' | 'sparse', program: string | undefined) {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measureLongreach(scenarios[name]));
    if (program) theirs.push(await measureJanus(scenarios[name], program));
  }
  const cpuUsPerPacket = median(ours.map((run) => run.cpuUsPerPacket));
  const receivedShare = rounded(Math.min(...ours.map((run) => run.receivedShare)), 4);
  if (!program) return { cpuUsPerPacket: rounded(cpuUsPerPacket), receivedShare };
  const janusCpuUsPerPacket = median(theirs.map((run) => run.cpuUsPerPacket));
  return {
    cpuUsPerPacket: rounded(cpuUsPerPacket),
    janusCpuUsPerPacket: rounded(janusCpuUsPerPacket),
    ratio: rounded(cpuUsPerPacket / janusCpuUsPerPacket),
    receivedShare,
    janusReceivedShare: rounded(Math.min(...theirs.map((run) => run.receivedShare)), 4),
  };
}

/** The same packets without any server: what load generator and computer add by themselves. */
async function measureDirect(): Promise<Measured> {
  const load = pinned(loadMain, loadCpu);
  try {
    return await measure(scenarios.delay, { kind: 'direct', address }, load.pid as number, load);
  } finally {
    await ended(load);
  }
}

async function measureDelay() {
  const runs: Measured[] = [];
  const direct: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await measureLongreach(scenarios.delay));
    direct.push(await measureDirect());
  }
  const pooled = (of: Measured[], share: number) =>
    rounded(median(of.map(({ delaysMs }) => quantile(ascending(delaysMs), share))));
  return {
    p50: pooled(runs, 0.5),
    p99: pooled(runs, 0.99),
    receivedShare: rounded(Math.min(...runs.map((run) => run.receivedShare)), 4),
    withoutServer: { p50: pooled(direct, 0.5), p99: pooled(direct, 0.99) },
  };
}

const program = withJanus ? ensurePackage('janus', 'janus') : undefined;
if (withJanus) enterOwnNetwork();
const fanout = await compare('fanout', program);
const sparse = await compare('sparse', program);
const delay = await measureDelay();
const rows: FigureRow[] = [];
for (const [name, figures, reach] of [
  ['fan-out 1 x 4000/s x 16', fanout, '<= 0.7'],
  ['sparse 16 x 400/s x 2', sparse, '<= 1.4'],
] as const) {
  rows.push({ figure: `${name}: CPU per packet, us`, seen: `${figures.cpuUsPerPacket}` });
  if (figures.ratio === undefined) continue;
  rows.push({ figure: '  janus, us', seen: `${figures.janusCpuUsPerPacket}` });
  rows.push({ figure: '  ratio', seen: `${figures.ratio}`, reach });
}
rows.push({ figure: 'delay at 30,000/s out, p50 ms', seen: `${delay.p50}` });
rows.push({ figure: 'delay at 30,000/s out, p99 ms', seen: `${delay.p99}`, reach: '<= 1.2' });
rows.push({ figure: '  without any server, p50 ms', seen: `${delay.withoutServer.p50}` });
rows.push({ figure: '  without any server, p99 ms', seen: `${delay.withoutServer.p99}` });
printReport('Forwarding', rows, { fanout, sparse, delay });
