/** Packets that may leave at once: a burst of more overflows socket buffers on the way. The rest leaves in steps. */
const packetsAtOnce = 16;
const stepMs = 1;
/** What a packet counts for when a rate is told, bits. */
const packetBits = 1_150 * 8;
/** Packets that may wait of each kind; more are dropped and count as lost on the way. */
const maxWaiting = 512;

/** Lets a few packets pass at once and keeps the rest for steps of a millisecond; urgent ones go before patient ones. */
export class PacedSender<Packet> {
  readonly #send: (packet: Packet, nowUs: number) => void;
  readonly #nowUs: () => number;
  readonly #paceBps: () => number;
  readonly #urgent: Packet[] = [];
  readonly #patient: Packet[] = [];
  #left = packetsAtOnce;
  #refilledUs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /**
   * `send` sends one packet that waited; `nowUs`: the clock of the times given to `mayPass`; `paceBps`: what may leave
   * beyond the first few packets.
   */
  constructor(
    send: (packet: Packet, nowUs: number) => void,
    nowUs: () => number,
    paceBps: () => number,
  ) {
    this.#send = send;
    this.#nowUs = nowUs;
    this.#paceBps = paceBps;
  }

  /** Whether a packet may be sent at once; counts it if so. If not, hand it in with `wait`. */
  mayPass(isUrgent: boolean, nowUs: number): boolean {
    this.#refill(nowUs);
    if (this.#left < 1 || this.#urgent.length > 0) return false;
    if (!isUrgent && this.#patient.length > 0) return false;
    this.#left -= 1;
    return true;
  }

  /** Keeps a packet for a later step; false when too many wait. */
  wait(packet: Packet, isUrgent: boolean): boolean {
    const queue = isUrgent ? this.#urgent : this.#patient;
    if (queue.length >= maxWaiting) return false;
    queue.push(packet);
    this.#timer ??= setTimeout(() => this.#step(), stepMs);
    return true;
  }

  /** Forgets what waits; idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#urgent.length = 0;
    this.#patient.length = 0;
  }

  #refill(nowUs: number): void {
    const elapsedUs = nowUs - this.#refilledUs;
    if (elapsedUs <= 0) return;
    this.#refilledUs = nowUs;
    const packetsPerUs = Math.min(packetsAtOnce / 1_000, this.#paceBps() / packetBits / 1e6);
    this.#left = Math.min(packetsAtOnce, this.#left + elapsedUs * packetsPerUs);
  }

  #step(): void {
    this.#timer = undefined;
    const nowUs = this.#nowUs();
    this.#refill(nowUs);
    const urgent = this.#urgent.splice(0, Math.floor(this.#left));
    const patient = this.#patient.splice(0, Math.floor(this.#left) - urgent.length);
    this.#left -= urgent.length + patient.length;
    const waits = this.#urgent.length + this.#patient.length > 0;
    if (waits) this.#timer = setTimeout(() => this.#step(), stepMs);
    for (const packet of urgent) this.#send(packet, nowUs);
    for (const packet of patient) this.#send(packet, nowUs);
  }
}
