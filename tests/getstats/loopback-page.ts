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

/** A steady tone; where the page may make none, whatever stands in for a microphone. */
async function createTone(microphone: MediaStream): Promise<MediaStreamTrack> {
  const context = new AudioContext();
  await Promise.race([context.resume(), pause(500)]);
  if (context.state !== 'running') return microphone.getAudioTracks()[0] as MediaStreamTrack;
  const destination = context.createMediaStreamDestination();
  const tone = context.createOscillator();
  const volume = new GainNode(context, { gain: 0.25 });
  tone.connect(volume).connect(destination);
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

/** Fingerprints and passwords of the connection are nobody's business, though they are void. */
function withoutKeys(entry: object): object {
  const isOpen = (name: string) => !/certificateId|usernameFragment/i.test(name);
  return Object.fromEntries(Object.entries(entry).filter(([name]) => isOpen(name)));
}

async function report(): Promise<RecordedReport> {
  const entries: object[] = [];
  const takenMs = performance.now();
  (await receiver.getStats()).forEach((entry: { type: string }) => {
    if (keptTypes.includes(entry.type)) entries.push(withoutKeys(entry));
  });
  return { takenMs, entries };
}

const loopback: LoopbackApi = {
  async prepare(videoMime) {
    receiver.ontrack = ({ streams: [stream] }) => {
      video.srcObject = stream ?? null;
    };
    video.autoplay = true;
    watchFrames();
    // Some browsers name their decoder only to a page that captures.
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    // As with a media worker: the receiver offers, and is the one that checks paths.
    const picture = receiver.addTransceiver('video', { direction: 'recvonly' });
    preferCodec(picture, videoMime);
    receiver.addTransceiver('audio', { direction: 'recvonly' });
    await receiver.setLocalDescription();
    const offer = withoutCandidates(await gathered(receiver));
    await sender.setRemoteDescription({ type: 'offer', sdp: offer });
    const stream = new MediaStream([createPicture(), await createTone(microphone)]);
    for (const track of stream.getTracks()) sender.addTrack(track, stream);
    await sender.setLocalDescription();
    const sdp = await gathered(sender);
    const found = /^a=candidate:\S+ \d udp \d+ ([\d.]+) (\d+) typ host/im.exec(sdp);
    if (!found) throw new Error(`the sender has no candidate: ${sdp}`);
    return { address: found[1] as string, port: Number(found[2]) };
  },
  async connect({ address, port }) {
    const sdp = withoutCandidates(sender.localDescription?.sdp ?? '');
    await receiver.setRemoteDescription({ type: 'answer', sdp });
    const candidate = `candidate:1 1 udp 2130706431 ${address} ${port} typ host`;
    await receiver.addIceCandidate({ candidate, sdpMLineIndex: 0 });
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
