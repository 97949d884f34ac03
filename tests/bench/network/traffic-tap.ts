import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { PacketPurposes } from './packet-purpose.ts';
import {
  type ConnectionTraffic,
  noTraffic,
  type TappedProgram,
  type TrafficRecord,
  trafficPath,
} from './traffic-record.ts';

const writePeriodMs = 250;
/** What `webrtc-node` adapts. */
const nativeLibrary = 'node-datachannel';

type Listen = (listener: (message: Buffer) => void) => void;
type NativeTrack = { sendMessageBinary(packet: Buffer): boolean; onMessage: Listen };
type NativePeer = {
  addTrack(media: object): NativeTrack;
  localDescription(): { sdp: string } | null;
  getSelectedCandidatePair(): { remote: { port: number } } | null;
};
type NativeLibrary = { PeerConnection: new (name: string, config: object) => NativePeer };

type Watched = { peer: NativePeer; traffic: ConnectionTraffic; purposes?: PacketPurposes };

/** In transport and media worker: writes down four times a second what each peer connection sent and received. */
export async function tapTraffic(folder: string, program: TappedProgram): Promise<void> {
  const watched = new Map<string, Watched>();
  await wrapPeers((name, peer) => {
    const entry: Watched = { peer, traffic: createTraffic() };
    watched.set(`${name} #${watched.size}`, entry);
    return entry;
  });
  const path = trafficPath(folder, program, process.pid);
  setInterval(() => {
    const connections: TrafficRecord['connections'] = {};
    for (const [name, { peer, traffic }] of watched) {
      traffic.remotePort = remotePortOf(peer) || traffic.remotePort;
      connections[name] = traffic;
    }
    const [seconds, nanoseconds] = process.hrtime();
    const atUs = seconds * 1_000_000 + nanoseconds / 1000;
    appendFileSync(path, `${JSON.stringify({ atUs, connections })}\n`);
  }, writePeriodMs).unref();
}

/**
 * Peers that are made from now on are watched. The library's own object is changed, the one that its adapter uses; its
 * native methods cannot be replaced, only covered, object by object.
 */
async function wrapPeers(watch: (name: string, peer: NativePeer) => Watched): Promise<void> {
  const library = ((await import(import.meta.resolve(nativeLibrary))) as { default: NativeLibrary })
    .default;
  const Native = library.PeerConnection;
  library.PeerConnection = class extends Native {
    constructor(name: string, config: object) {
      super(name, config);
      const entry = watch(name, this);
      const addTrack = this.addTrack.bind(this);
      Object.defineProperty(this, 'addTrack', {
        value: (media: object) => watchTrack(addTrack(media), entry),
      });
    }
  };
}

function watchTrack(track: NativeTrack, entry: Watched): NativeTrack {
  const send = track.sendMessageBinary.bind(track);
  const listen = track.onMessage.bind(track);
  Object.defineProperty(track, 'sendMessageBinary', {
    value: (packet: Buffer) => {
      const hasLeft = send(packet);
      if (hasLeft) count(entry, 'sent', packet);
      return hasLeft;
    },
  });
  Object.defineProperty(track, 'onMessage', {
    value: (listener: (message: Buffer) => void) =>
      listen((packet) => {
        count(entry, 'received', packet);
        listener(packet);
      }),
  });
  return track;
}

function count(entry: Watched, direction: 'sent' | 'received', packet: Buffer): void {
  entry.purposes ??= new PacketPurposes(entry.peer.localDescription()?.sdp ?? '');
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  const counts = entry.traffic[direction][entry.purposes.purposeOf(bytes)];
  counts.packets += 1;
  counts.bytes += packet.byteLength;
}

function remotePortOf(peer: NativePeer): number {
  try {
    return peer.getSelectedCandidatePair()?.remote.port ?? 0;
  } catch {
    // A connection that is closed or was never made has none.
    return 0;
  }
}

function createTraffic(): ConnectionTraffic {
  return { remotePort: 0, sent: noTraffic(), received: noTraffic() };
}
