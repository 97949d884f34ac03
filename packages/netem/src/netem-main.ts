/** A relay as a process of its own, started by `startNetemProcess`; it ends with its parent's channel. */
import { setPriority } from 'node:os';
import type { FromNetem, NetemRequest, NetemResult, ToNetem } from './netem-channel.ts';
import { createRelay, type Relay } from './relay.ts';

process.title = 'longreach-netem';
try {
  // An emulator that runs late measures itself; this needs root or CAP_SYS_NICE.
  setPriority(-10);
} catch {
  // The relay works without it.
}

let relay: Relay | undefined;

process.on('message', ({ id, request }: ToNetem) => void reply(id, request));
process.on('disconnect', () => process.exit(0));
// The terminal's Ctrl-C reaches the whole group: the parent decides when the network ends.
process.on('SIGINT', () => {});

async function reply(id: number, request: NetemRequest): Promise<void> {
  let result: NetemResult;
  try {
    result = await resultOf(request);
  } catch (error) {
    result = { type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
  const message: FromNetem = { id, result };
  if (process.connected) process.send?.(message);
}

async function resultOf(request: NetemRequest): Promise<NetemResult> {
  if (request.type === 'start') {
    relay = await createRelay(request.options);
    return { type: 'started', port: relay.port };
  }
  if (!relay) throw new Error('the relay has not been started');
  switch (request.type) {
    case 'counters':
      return { type: 'counters', counters: relay.counters() };
    case 'setProfile':
      relay.setProfile(request.profile);
      break;
    case 'cut':
      relay.cut(request.direction);
      break;
    case 'restore':
      relay.restore(request.direction);
      break;
  }
  return { type: 'done' };
}
