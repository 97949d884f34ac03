import { ArrivalShare } from './arrival-share.ts';
import {
  buildMessagePacket,
  type MessagePacket,
  messageHeaderBytes,
  type PacketKind,
  packetKinds,
  parseMessagePacket,
} from './message-packet.ts';
import { RecentNumbers } from './recent-numbers.ts';
import { maxMessageBytes, ReliableReceiver } from './reliable-receiver.ts';
import { ReliableSender } from './reliable-sender.ts';
import { RoundTripMeter } from './round-trip-meter.ts';

/** How messages of one label travel: the number of the label in packets, and what a loss means. */
export type MessageWay = {
  number: number;
  /** `once`: it is lost; `urgent`: it has copies while packets get lost; `reliable`: it is repeated, in order. */
  delivery: 'once' | 'urgent' | 'reliable';
};

export type MessageLinkOptions<Label extends string> = {
  ways: Readonly<Record<Label, MessageWay>>;
  /** Puts one packet on its way; false when it cannot leave now. */
  sendPacket: (packet: Uint8Array<ArrayBuffer>) => boolean;
  /** A message came; its bytes may be a view of the packet. */
  onMessage: (label: Label, bytes: Uint8Array) => void;
};

/** Longest message in one packet, bytes; a longer one goes the reliable way, in fragments. */
export const maxSingleBytes = 1_100;
/** Bytes that may wait on the reliable way. */
export const maxReliableBytes = 256 * 1024;
/** Copies of an urgent message from these shares of loss on, and the time between two, µs. */
const copiesAt = { two: 0.03, three: 0.2 } as const;
const copyGapUs = 5_000;
const maxCopiesWaiting = 16;
/** Share of failing round trips from which on a path is lossy: about 15 % of the packets either way. */
const lossyRoundTrips = 0.28;

type Copy = { dueUs: number; label: number; messageNumber: number; body: Uint8Array };

/**
 * One end of a path of messages over packets that get lost: nothing is held back by a loss, what is urgent is sent in
 * copies while packets get lost, and what must arrive is repeated once a round trip. Pure: times are given, µs.
 */
export class MessageLink<Label extends string> {
  readonly #options: MessageLinkOptions<Label>;
  readonly #labels: ReadonlyMap<number, Label>;
  readonly #arrivals = new ArrivalShare();
  readonly #recent = new RecentNumbers();
  readonly #roundTrip = new RoundTripMeter();
  readonly #reliable = new ReliableSender();
  readonly #reliableReceiver: ReliableReceiver;
  readonly #copies: Copy[] = [];
  #packetNumber = 0;
  #messageNumber = 0;
  #lossShare = 0;

  constructor(options: MessageLinkOptions<Label>) {
    this.#options = options;
    const labels = Object.keys(options.ways) as Label[];
    this.#labels = new Map(labels.map((label) => [options.ways[label].number, label]));
    this.#reliableReceiver = new ReliableReceiver((number, bytes) => this.#give(number, bytes));
  }

  /** Bytes on the reliable way that are not acknowledged yet. */
  get waitingBytes(): number {
    return this.#reliable.waitingBytes;
  }

  /** Share of the questions whose answer does not come, by what gets lost there and back, 0 to 1. */
  get roundTripLossShare(): number {
    return 1 - (1 - this.#arrivals.lossShare) * (1 - this.#lossShare);
  }

  /** So many round trips fail that checks without repeats soon go unanswered for long. */
  get isLossy(): boolean {
    return this.roundTripLossShare > lossyRoundTrips;
  }

  /** Smoothed, µs; undefined before the first answer. */
  get roundTripUs(): number | undefined {
    return this.#roundTrip.roundTripUs;
  }

  /** When `tick` has something to do, µs; infinite for never. */
  get nextDeadlineUs(): number {
    const copyUs = this.#copies[0]?.dueUs ?? Number.POSITIVE_INFINITY;
    return Math.min(copyUs, this.#reliable.nextDueUs);
  }

  /** Sends a message as its label says. False when it cannot leave now, or when too much waits to be repeated. */
  send(label: Label, bytes: Uint8Array, nowUs: number): boolean {
    const { number, delivery } = this.#options.ways[label];
    if (delivery === 'reliable' || bytes.length > maxSingleBytes) {
      return this.#sendReliable(number, bytes, nowUs);
    }
    const messageNumber = this.#takeMessageNumber();
    if (delivery === 'urgent') this.#keepCopies(number, messageNumber, bytes, nowUs);
    return this.#send(packetKinds.message, number, messageNumber, bytes, nowUs);
  }

  /** Takes a packet of the other end, which may be anything. */
  handlePacket(bytes: Uint8Array, nowUs: number): void {
    const packet = parseMessagePacket(bytes);
    if (!packet) return;
    this.#arrivals.handlePacket(packet.packetNumber);
    this.#lossShare = packet.lossShare;
    this.#roundTrip.handleArrived(packet.packetNumber, nowUs);
    this.#roundTrip.handleEcho(packet.echoNumber, packet.echoHeld, nowUs);
    const { roundTripUs } = this;
    if (roundTripUs !== undefined) this.#reliable.setRoundTripUs(roundTripUs);
    this.#handle(packet, nowUs);
    this.tick(nowUs);
  }

  /** Sends what is due. */
  tick(nowUs: number): void {
    while (this.#copies[0] && this.#copies[0].dueUs <= nowUs) {
      const { label, messageNumber, body } = this.#copies.shift() as Copy;
      this.#send(packetKinds.message, label, messageNumber, body, nowUs);
    }
    this.#reliable.sendDue(nowUs, (label, body) =>
      this.#send(packetKinds.fragment, label, this.#takeMessageNumber(), body, nowUs),
    );
  }

  #handle({ kind, label, messageNumber, body }: MessagePacket, nowUs: number): void {
    if (kind === packetKinds.acknowledgement) {
      this.#reliable.handleAcknowledgement(body);
    } else if (kind === packetKinds.fragment) {
      const answer = this.#reliableReceiver.handleFragment(label, body);
      if (!answer) return;
      this.#send(packetKinds.acknowledgement, 0, this.#takeMessageNumber(), answer, nowUs);
    } else if (this.#recent.take(messageNumber)) {
      this.#give(label, body);
    }
  }

  #give(number: number, bytes: Uint8Array): void {
    const label = this.#labels.get(number);
    if (label !== undefined) this.#options.onMessage(label, bytes);
  }

  #sendReliable(number: number, bytes: Uint8Array, nowUs: number): boolean {
    const wouldWaitBytes = this.#reliable.waitingBytes + bytes.length;
    if (bytes.length > maxMessageBytes || wouldWaitBytes > maxReliableBytes) return false;
    this.#reliable.push(number, bytes, nowUs);
    this.tick(nowUs);
    return true;
  }
  /** The newest message of a label is worth copies; those of an older one that still wait are not. */
  #keepCopies(label: number, messageNumber: number, bytes: Uint8Array, nowUs: number): void {
    if (this.#lossShare < copiesAt.two) return;
    const copies = this.#lossShare < copiesAt.three ? 1 : 2;
    const body = Uint8Array.prototype.slice.call(bytes);
    for (let copy = 1; copy <= copies; copy++) {
      this.#copies.push({ dueUs: nowUs + copy * copyGapUs, label, messageNumber, body });
    }
    this.#copies.sort((a, b) => a.dueUs - b.dueUs);
    while (this.#copies.length > maxCopiesWaiting) this.#copies.shift();
  }

  #takeMessageNumber(): number {
    const messageNumber = this.#messageNumber;
    this.#messageNumber = (messageNumber + 1) & 0xffff;
    return messageNumber;
  }

  #send(
    kind: PacketKind,
    label: number,
    messageNumber: number,
    body: Uint8Array,
    nowUs: number,
  ): boolean {
    const packetNumber = this.#packetNumber;
    this.#packetNumber = (packetNumber + 1) & 0xffff;
    const { lossShare } = this.#arrivals;
    const echo = {
      echoNumber: this.#roundTrip.echoNumber,
      echoHeld: this.#roundTrip.echoHeld(nowUs),
    };
    this.#roundTrip.handleSent(packetNumber, nowUs);
    return this.#options.sendPacket(
      buildMessagePacket({ kind, label, packetNumber, messageNumber, ...echo, lossShare, body }),
    );
  }
}

/** Longest packet of a link, bytes. */
export const maxMessagePacketBytes = messageHeaderBytes + maxSingleBytes;
