/** Runs in the page: a moving picture and a tone from one peer connection to another of the same page. */
import type { LoopbackApi, LoopbackRecording, RecordedReport } from './loopback-recording.ts';

const width = 640;
const height = 360;
const fps = 30;
/** Entries that hold addresses of the machine or are of no use are left out. */
const keptTypes = ['inbound-rtp', 'codec', 'transport', 'candidate-pair', 'media-playout'];

const sender = new RTCPeerConnection();
const receiver = new RTCPeerConnection();
const video = document.body.appendChild(document.createElement('video'));
const presentedMs: number[] = [];
const frameMetadata = new Set<string>();

function draw(context: CanvasRenderingContext2D, frame: number): void {
  context.fillStyle = `hsl(${frame % 360} 60% 40%)`;
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 40; i++) {
    context.fillStyle = `hsl(${(frame * 7 + i * 40) % 360} 80% 60%)`;
    context.fillRect((frame * (i + 1)) % width, (i * 53 + frame * 2) % height, 40, 25);
  }
}

function createPicture(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  let frame = 0;
  setInterval(() => draw(context, frame++), 1000 / fps);
  return canvas.captureStream(fps).getVideoTracks()[0] as MediaStreamTrack;
}

function createTone(): MediaStreamTrack {
  const context = new AudioContext();
  const destination = context.createMediaStreamDestination();
  const tone = context.createOscillator();
  tone.connect(destination);
  tone.start();
  return destination.stream.getAudioTracks()[0] as MediaStreamTrack;
}

function preferCodec(transceiver: RTCRtpTransceiver, mime: string): void {
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  const wanted = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === mime.toLowerCase());
  if (wanted.length === 0) throw new Error(`this browser has no ${mime}`);
  const repair = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === 'video/rtx');
  transceiver.setCodecPreferences([...wanted, ...repair]);
}

/** The description with all candidates gathered. */
async function gathered(peer: RTCPeerConnection): Promise<string> {
  await new Promise<void>((resolve) => {
    const check = () => peer.iceGatheringState === 'complete' && resolve();
    peer.addEventListener('icegatheringstatechange', check);
    check();
  });
  return peer.localDescription?.sdp ?? '';
}

const withoutCandidates = (sdp: string) => sdp.replaceAll(/^a=(candidate|end-of-cand).*\r\n/gm, '');

function watchFrames(): void {
  video.requestVideoFrameCallback((_now, metadata) => {
    presentedMs.push(metadata.presentationTime);
    for (const name in metadata) frameMetadata.add(name);
    watchFrames();
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function report(): Promise<RecordedReport> {
  const entries: object[] = [];
  const takenMs = performance.now();
  (await receiver.getStats()).forEach((entry: { type: string }) => {
    if (keptTypes.includes(entry.type)) entries.push(entry);
  });
  return { takenMs, entries };
}

const loopback: LoopbackApi = {
  async prepare(videoMime) {
    receiver.ontrack = ({ streams: [stream] }) => {
      video.srcObject = stream ?? null;
    };
    video.muted = true;
    video.autoplay = true;
    watchFrames();
    const stream = new MediaStream([createPicture(), createTone()]);
    for (const track of stream.getTracks()) sender.addTrack(track, stream);
    const [picture] = sender.getTransceivers();
    if (picture) preferCodec(picture, videoMime);
    await sender.setLocalDescription();
    const offer = withoutCandidates(await gathered(sender));
    await receiver.setRemoteDescription({ type: 'offer', sdp: offer });
    await receiver.setLocalDescription();
    const sdp = await gathered(receiver);
    const found = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/im.exec(sdp);
    if (!found) throw new Error('the receiver has no candidate');
    return { address: found[1] as string, port: Number(found[2]) };
  },
  async connect({ address, port }) {
    const sdp = withoutCandidates(receiver.localDescription?.sdp ?? '');
    await sender.setRemoteDescription({ type: 'answer', sdp });
    const candidate = `candidate:1 1 udp 2130706431 ${address} ${port} typ host`;
    await sender.addIceCandidate({ candidate, sdpMLineIndex: 0 });
  },
  async record(beforeMs, periodMs) {
    await video.play();
    while (presentedMs.length === 0) await pause(20);
    await pause(beforeMs);
    const first = await report();
    await pause(periodMs);
    const reports: LoopbackRecording['reports'] = [first, await report()];
    const presented = presentedMs.filter((at) => at <= reports[1].takenMs);
    const metadata = [...frameMetadata].sort();
    return {
      userAgent: navigator.userAgent,
      reports,
      presentedMs: presented,
      frameMetadata: metadata,
    };
  },
};

Object.assign(window, { loopback });
