/**
 * The datagram player's own thread: packets from the transform of one m-line, repair, decoding, pictures out. The
 * page may be as busy as it likes. Started by `datagram-input.ts`.
 */
import { type DataChannelLabel, dataChannels, datagramHeaderBytes } from '@longreach/protocol';
import { readSsrc } from '@longreach/rtp/receive';
import type { PageMessage, WorkerMessage } from './datagram-messages.ts';
import { DatagramSlot } from './datagram-slot.ts';
import { type PictureDecoderHandlers, WebCodecsDecoder } from './picture-decoder.ts';
import { PictureTrack } from './picture-track.ts';
import { type EncodedSound, ReturnSender } from './return-sender.ts';
import type { TransformSide } from './transform-side.ts';
import { WorkerMessages } from './worker-messages.ts';

/** What of a worker's global scope is used; the project's types are those of a page. */
type WorkerScope = {
  onmessage: ((event: MessageEvent<PageMessage>) => void) | null;
  onrtctransform: ((event: RtcTransformEvent) => void) | null;
  postMessage(message: WorkerMessage, transfer?: Transferable[]): void;
};
type RtcTransformEvent = {
  transformer: {
    readable: ReadableStream<EncodedSound>;
    writable: WritableStream<EncodedSound>;
    options: TransformSide;
  };
};

/** RTP packets begin with a version, packets of messages with something smaller (RFC 7983). */
const leastRtpByte = 0x80;
const checkMs = 500;

const scope = globalThis as unknown as WorkerScope;
const slots: Array<DatagramSlot<VideoFrame> | undefined> = [];
let returnSender: ReturnSender | undefined;
let isReturnOpen = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let timerUs = Number.POSITIVE_INFINITY;

const messages = new WorkerMessages({
  nowUs,
  sendPacket: (packet) => {
    if (!isReturnOpen || !returnSender) return false;
    returnSender.send(packet);
    return true;
  },
  onMessage: (label, bytes) => {
    if (!Object.hasOwn(dataChannels, label)) return;
    const own = bytes.slice();
    const toPage = { type: 'message', label: label as DataChannelLabel, bytes: own } as const;
    scope.postMessage(toPage, [own.buffer]);
  },
  onWaiting: (bytes) => scope.postMessage({ type: 'waiting', bytes }),
});

function nowUs(): number {
  return performance.now() * 1000;
}

function addSlot(place: number, pictures: WritableStream<VideoFrame>, minDelayMs: number): void {
  const track = new PictureTrack(pictures);
  slots[place] = new DatagramSlot<VideoFrame>({
    place,
    minDelayUs: minDelayMs * 1000,
    nowUs,
    createDecoder: (handlers, attempt) => createDecoder(place, handlers, attempt),
    show: (picture) => track.write(picture),
    onFirstPicture: () => scope.postMessage({ type: 'pictureArrived', place }),
    onFailed: (reason) => fail(reason),
  });
  updateCanAsk();
}

/** What is to be asked for waits for the answer. */
function updateCanAsk(): void {
  for (const slot of slots) if (slot) slot.canAsk = isReturnOpen;
  if (isReturnOpen) handleTimer();
}

function createDecoder(
  place: number,
  { onPicture, onError }: PictureDecoderHandlers<VideoFrame>,
  attempt: number,
): WebCodecsDecoder {
  const settling =
    <Given>(handle: (given: Given) => void) =>
    (given: Given) => {
      handle(given);
      settle(slots[place], nowUs());
    };
  const handlers = { onPicture: settling(onPicture), onError: settling(onError) };
  // What failed once may have been the machine's special hardware.
  return new WebCodecsDecoder(handlers, attempt === 0 ? 'no-preference' : 'prefer-software');
}

function fail(reason: string): void {
  for (const slot of slots) slot?.close();
  scope.postMessage({ type: 'failed', reason });
}

function handlePacket(data: ArrayBuffer): void {
  const packet = new Uint8Array(data);
  if ((packet[0] as number) < leastRtpByte) {
    messages.handlePacket(packet);
    const { roundTripUs } = messages;
    for (const slot of slots) if (roundTripUs !== undefined) slot?.setRoundTripUs(roundTripUs);
    return;
  }
  const slot = packet.length > datagramHeaderBytes ? slots[readSsrc(packet)] : undefined;
  if (!slot) return;
  const now = nowUs();
  slot.handlePacket(packet, now);
  settle(slot, now);
}

/** Sends what is due and sets the timer for what is not yet. */
function settle(slot: DatagramSlot<VideoFrame> | undefined, now: number): void {
  if (!slot) return;
  const bytes = slot.takeFeedback(now);
  if (bytes) messages.send('feedback', bytes);
  const deadlineUs = slot.nextDeadlineUs;
  if (deadlineUs < timerUs) setTimer(deadlineUs, now);
}

function setTimer(deadlineUs: number, now: number): void {
  clearTimeout(timer);
  timerUs = deadlineUs;
  timer = setTimeout(handleTimer, Math.max(0, deadlineUs - now) / 1000);
}

function handleTimer(): void {
  clearTimeout(timer);
  timerUs = Number.POSITIVE_INFINITY;
  const now = nowUs();
  for (const slot of slots) {
    slot?.tick(now);
    settle(slot, now);
  }
}

scope.onrtctransform = async ({ transformer }) => {
  const reader = transformer.readable.getReader();
  if (transformer.options.side === 'send') {
    const writer = transformer.writable.getWriter();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      if (returnSender?.fill(next.value)) writer.write(next.value).catch(() => {});
    }
    return;
  }
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    handlePacket(next.value.data);
  }
};

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case 'slot':
      addSlot(message.place, message.pictures, message.minDelayMs);
      break;
    case 'message':
      messages.send(message.label, message.bytes);
      break;
    case 'returnSound':
      returnSender = new ReturnSender(message.sound);
      break;
    case 'returnOpened':
      isReturnOpen = true;
      updateCanAsk();
      break;
    case 'askCounters':
      scope.postMessage({
        type: 'counters',
        slots: slots.map((slot) => slot?.readCounters()),
        isLossy: messages.isLossy,
      });
  }
};

setInterval(() => {
  for (const slot of slots) slot?.checkPictures(nowUs());
}, checkMs);
