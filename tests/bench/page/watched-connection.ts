/** What the page notes of its newest peer connection, ms of the performance clock. */
export type ConnectionTimes = {
  offered?: number;
  answered?: number;
  iceConnected?: number;
  connected?: number;
  firstPacket?: number;
};

/** Notes of the newest connection of this page; `mediaPort` takes the place of the port in answers. */
export const watch = { times: {} as ConnectionTimes, commandsSent: 0, mediaPort: 0 };

/** The browser's connection, observed from outside the SDK. */
class WatchedConnection extends RTCPeerConnection {
  readonly #times: ConnectionTimes;

  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    const times: ConnectionTimes = {};
    this.#times = times;
    watch.times = times;
    this.addEventListener('iceconnectionstatechange', () => {
      const { iceConnectionState } = this;
      if (iceConnectionState === 'connected') times.iceConnected ??= performance.now();
    });
    this.addEventListener('connectionstatechange', () => {
      if (this.connectionState === 'connected') times.connected ??= performance.now();
    });
  }

  override addTransceiver(
    trackOrKind: MediaStreamTrack | string,
    init?: RTCRtpTransceiverInit,
  ): RTCRtpTransceiver {
    const transceiver = super.addTransceiver(trackOrKind, init);
    const times = this.#times;
    if (trackOrKind === 'video' && this.getTransceivers().length === 1) {
      transceiver.receiver.track.addEventListener('unmute', () => {
        times.firstPacket ??= performance.now();
      });
    }
    return transceiver;
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, options);
    if (label !== 'control') return channel;
    const send = channel.send.bind(channel) as (data: Uint8Array<ArrayBuffer>) => void;
    channel.send = (data: unknown) => {
      watch.commandsSent += 1;
      send(data as Uint8Array<ArrayBuffer>);
    };
    return channel;
  }

  override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    await super.setLocalDescription(description);
    this.#times.offered = performance.now();
  }

  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.#times.answered = performance.now();
    await super.setRemoteDescription({ ...description, sdp: routed(description.sdp ?? '') });
  }
}

/** Every connection of the page is watched from now on. */
export function watchConnections(): void {
  window.RTCPeerConnection = WatchedConnection;
}

/** Candidates with the port of the path that the benchmark can cut. */
function routed(sdp: string): string {
  if (watch.mediaPort === 0) return sdp;
  return sdp.replace(/^(a=candidate:\S+ \d+ \S+ \d+ \S+) \d+ /gm, `$1 ${watch.mediaPort} `);
}
