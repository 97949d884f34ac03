import { LongreachError, type Unsubscribe } from '@longreach/kit';
import nodeDataChannel, {
  type DataChannel as NativeChannel,
  type PeerConnection as NativePeer,
  type Track as NativeTrack,
} from 'node-datachannel';

/** State of a peer connection (W3C RTCPeerConnectionState). */
export type PeerState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

/** Reliability of a data channel; both absent = reliable. */
export type ChannelReliability = { ordered: boolean; maxRetransmits?: number };

/** One m-line of media that this side describes itself: `lines` are its SDP attribute lines (`a=…`). */
export type TrackDescription = {
  kind: 'video' | 'audio';
  mid: string;
  direction: 'sendonly' | 'recvonly' | 'sendrecv' | 'inactive';
  lines: string[];
};

/** Where a peer listens and under which addresses others reach it. */
export type PeerOptions = {
  /** Shows in native logs. */
  name: string;
  /** Local address to bind. */
  bindAddress: string;
  /** One UDP port for all peers of this process (ICE-UDP mux); absent = any free port, its own. */
  muxPort?: number;
  iceServers?: string[];
};

/** RTP and RTCP packets of one m-line, decrypted; every `send` copies. */
export type MediaTrack = {
  readonly mid: string;
  readonly kind: 'video' | 'audio';
  /** Sends one RTP or RTCP packet; false when the transport is not open or refuses it. */
  send(packet: Uint8Array): boolean;
  /** Calls `listener` once packets can be sent; at once when they already can. */
  onOpen(listener: () => void): void;
  /** Hands every packet to `listener` (one at a time); the bytes are the listener's own. */
  onPacket(listener: (packet: Buffer) => void): void;
};

/** One data channel. */
export type PeerChannel = {
  readonly label: string;
  isOpen(): boolean;
  bufferedBytes(): number;
  /** False when it is not open. */
  send(bytes: Uint8Array): boolean;
  onOpen(listener: () => void): void;
  onMessage(listener: (bytes: Buffer) => void): void;
};

/** One end of the way that packets take; `type` as in ICE (host, srflx, prflx, relay). */
export type CandidateEnd = { address: string; type: string };

/** The pair of candidates that packets pass between. */
export type SelectedPair = { local: CandidateEnd; remote: CandidateEnd; transport: 'udp' | 'tcp' };

/** One peer connection; the adapter hides the native library. Not usable after `close`. */
export type Peer = {
  addTrack(description: TrackDescription): MediaTrack;
  createChannel(label: string, reliability: ChannelReliability): PeerChannel;
  /** Takes the other side's description; candidates inside it are used. Throws InvalidParameters on SDP that is none. */
  setRemoteDescription(sdp: string, type: 'offer' | 'answer'): void;
  /** Describes this side and starts gathering; gives the SDP without candidates. */
  setLocalDescription(type: 'offer' | 'answer'): string;
  onState(listener: (state: PeerState) => void): Unsubscribe;
  onChannel(listener: (channel: PeerChannel) => void): void;
  /** Round trip by SCTP, ms; undefined while unknown, and without data channels. */
  roundTripMs(): number | undefined;
  /** The way that packets take; undefined while there is none. Some 0.1 ms: not for every packet. */
  selectedPair(): SelectedPair | undefined;
  /** Idempotent. */
  close(): void;
};

// NetworkErrorCode.InvalidParameters; this package does not depend on the vocabulary.
const invalidParameters = 2002;

const nativeDirections = {
  sendonly: 'SendOnly',
  recvonly: 'RecvOnly',
  sendrecv: 'SendRecv',
  inactive: 'Inactive',
} as const;

/** Opens a peer connection on the native library. */
export function createPeer(options: PeerOptions): Peer {
  return new NativeAdapter(options);
}

class NativeAdapter implements Peer {
  readonly #native: NativePeer;
  // The native objects live as long as their wrappers are reachable.
  readonly #tracks: NativeMediaTrack[] = [];
  readonly #channels: NativePeerChannel[] = [];
  readonly #stateListeners = new Set<(state: PeerState) => void>();
  #closed = false;

  constructor(options: PeerOptions) {
    this.#native = new nodeDataChannel.PeerConnection(options.name, {
      iceServers: options.iceServers ?? [],
      bindAddress: options.bindAddress,
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      ...(options.muxPort === undefined
        ? {}
        : {
            enableIceUdpMux: true,
            portRangeBegin: options.muxPort,
            portRangeEnd: options.muxPort,
          }),
    });
    this.#native.onStateChange((state) => {
      for (const listener of [...this.#stateListeners]) listener(state as PeerState);
    });
  }

  addTrack(description: TrackDescription): MediaTrack {
    const Media = description.kind === 'video' ? nodeDataChannel.Video : nodeDataChannel.Audio;
    const media = new Media(description.mid, nativeDirections[description.direction]);
    for (const line of description.lines) media.parseSdpLine(line);
    const track = new NativeMediaTrack(description, this.#native.addTrack(media));
    this.#tracks.push(track);
    return track;
  }

  createChannel(label: string, reliability: ChannelReliability): PeerChannel {
    const native = this.#native.createDataChannel(label, {
      unordered: !reliability.ordered,
      ...(reliability.maxRetransmits === undefined
        ? {}
        : { maxRetransmits: reliability.maxRetransmits }),
    });
    return this.#keepChannel(native);
  }

  setRemoteDescription(sdp: string, type: 'offer' | 'answer'): void {
    try {
      this.#native.setRemoteDescription(sdp, type);
    } catch (cause) {
      throw new LongreachError(invalidParameters, 'the session description is not usable', {
        cause,
      });
    }
  }

  setLocalDescription(type: 'offer' | 'answer'): string {
    this.#native.setLocalDescription(type);
    const description = this.#native.localDescription();
    if (!description) throw new Error('invariant broken: no local description after it was set');
    return withPayloadTypes(withoutCandidates(description.sdp));
  }

  onState(listener: (state: PeerState) => void): Unsubscribe {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onChannel(listener: (channel: PeerChannel) => void): void {
    this.#native.onDataChannel((native) => listener(this.#keepChannel(native)));
  }

  roundTripMs(): number | undefined {
    const rtt = this.#closed ? -1 : this.#native.rtt();
    return rtt >= 0 ? rtt : undefined;
  }

  selectedPair(): SelectedPair | undefined {
    const pair = this.#closed ? null : this.#native.getSelectedCandidatePair();
    if (!pair) return undefined;
    const endOf = ({ address, type }: CandidateEnd) => ({ address, type });
    const transport = /^tcp/i.test(pair.local.transportType) ? 'tcp' : 'udp';
    return { local: endOf(pair.local), remote: endOf(pair.remote), transport };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const channel of this.#channels) channel.close();
    for (const track of this.#tracks) track.close();
    this.#native.close();
    for (const listener of [...this.#stateListeners]) listener('closed');
    this.#stateListeners.clear();
  }

  #keepChannel(native: NativeChannel): PeerChannel {
    const channel = new NativePeerChannel(native);
    this.#channels.push(channel);
    return channel;
  }
}

class NativeMediaTrack implements MediaTrack {
  readonly mid: string;
  readonly kind: 'video' | 'audio';
  readonly #native: NativeTrack;
  readonly #openListeners: Array<() => void> = [];
  #open = false;

  constructor(description: TrackDescription, native: NativeTrack) {
    this.mid = description.mid;
    this.kind = description.kind;
    this.#native = native;
    native.onOpen(() => {
      this.#open = true;
      for (const listener of this.#openListeners.splice(0)) listener();
    });
    native.onClosed(() => {
      this.#open = false;
    });
  }

  send(packet: Uint8Array): boolean {
    if (!this.#open) return false;
    try {
      return this.#native.sendMessageBinary(packet as Buffer);
    } catch {
      // The transport closed between its event and this call, or SRTP refuses an old sequence.
      return false;
    }
  }

  onOpen(listener: () => void): void {
    if (this.#open) listener();
    else this.#openListeners.push(listener);
  }

  onPacket(listener: (packet: Buffer) => void): void {
    this.#native.onMessage(listener);
  }

  close(): void {
    this.#open = false;
    this.#native.close();
  }
}

class NativePeerChannel implements PeerChannel {
  readonly label: string;
  readonly #native: NativeChannel;

  constructor(native: NativeChannel) {
    this.label = native.getLabel();
    this.#native = native;
  }

  isOpen(): boolean {
    return this.#native.isOpen();
  }

  bufferedBytes(): number {
    return this.#native.bufferedAmount();
  }

  send(bytes: Uint8Array): boolean {
    if (!this.#native.isOpen()) return false;
    try {
      return this.#native.sendMessageBinary(bytes);
    } catch {
      return false;
    }
  }

  onOpen(listener: () => void): void {
    this.#native.onOpen(listener);
    if (this.#native.isOpen()) listener();
  }

  onMessage(listener: (bytes: Buffer) => void): void {
    this.#native.onMessage((message) => {
      listener(Buffer.isBuffer(message) ? message : Buffer.from(message as ArrayBuffer));
    });
  }

  close(): void {
    this.#native.close();
  }
}

/** The description without its candidates: whoever sends it decides which addresses to announce. */
export function withoutCandidates(sdp: string): string {
  return sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate:') && line !== 'a=end-of-candidates')
    .join('\r\n');
}

/**
 * The offer as of somebody who begins the handshake (RFC 5763 section 5), so that the native library does not: it
 * repeats what was lost after one second, then two; a browser after 50 ms.
 */
export function withOffererAsClient(sdp: string): string {
  return sdp.replace(/^a=setup:actpass/gm, 'a=setup:active');
}

/**
 * The native library leaves the payload types out of m-lines whose codecs were given as attribute lines, and
 * puts all media into one lip-sync group: video must never wait for audio here.
 */
function withPayloadTypes(sdp: string): string {
  const sections = sdp.replace(/^a=group:LS .*\r\n/gm, '').split(/(?=^m=)/m);
  return sections.map(fillPayloadTypes).join('');
}

function fillPayloadTypes(section: string): string {
  const codecs = [...section.matchAll(/^a=rtpmap:(\d+) ([\w-]+)/gm)];
  const isRepair = (name = '') => /^(rtx|flexfec-03|longreach-fec)$/i.test(name);
  const media = codecs.filter(([, , name]) => !isRepair(name));
  const repair = codecs.filter(([, , name]) => isRepair(name));
  const payloadTypes = [...media, ...repair].map(([, payloadType]) => payloadType);
  return section.replace(/^(m=(?:audio|video) \d+ \S+)[ \d]*/, `$1 ${payloadTypes.join(' ')}`);
}

/** The description with one host candidate for each `host:port` in every m-line, and their end. */
export function withCandidates(
  sdp: string,
  addresses: Array<{ host: string; port: number }>,
): string {
  const lines = addresses.map(
    ({ host, port }, i) =>
      `a=candidate:${i + 1} 1 UDP ${2122317823 - i} ${host} ${port} typ host\r\n`,
  );
  const sections = withoutCandidates(sdp).split(/(?=^m=)/m);
  return sections
    .map((section, i) => (i === 0 ? section : `${section}${lines.join('')}a=end-of-candidates\r\n`))
    .join('');
}

/** Ends the native library's threads; no peer may be used afterwards. */
export function closeNativeLibrary(): void {
  nodeDataChannel.cleanup();
}
