/** A received packet as the window keeps it; `payload` is undefined once memory ran out. */
export type HeldPacket = { timestamp: number; marker: boolean; payload: Uint8Array | undefined };

/** The newest packets of a source by extended sequence, whether received or recovered (SPEC R1, R2). */
export class PacketWindow {
  /** How many numbers it spans. */
  readonly places: number;
  readonly #maxBytes: number;
  readonly #extended: Float64Array;
  readonly #packets: (HeldPacket | undefined)[];
  #oldestHeld = Number.POSITIVE_INFINITY;
  #bytes = 0;

  constructor(places: number, maxBytes: number) {
    this.places = places;
    this.#maxBytes = maxBytes;
    this.#extended = new Float64Array(places).fill(Number.NaN);
    this.#packets = new Array<HeldPacket | undefined>(places).fill(undefined);
  }

  /** Bytes of payload held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether this number has come. */
  has(extended: number): boolean {
    return this.#extended[extended & (this.places - 1)] === extended;
  }

  /** The packet with this number, if it has come. */
  get(extended: number): HeldPacket | undefined {
    const place = extended & (this.places - 1);
    return this.#extended[place] === extended ? this.#packets[place] : undefined;
  }

  /** Keeps a packet that has not come before; payloads of the oldest leave when bytes run out. */
  put(extended: number, timestamp: number, marker: boolean, payload: Uint8Array): void {
    const place = extended & (this.places - 1);
    const held = this.#packets[place];
    if (held === undefined) this.#packets[place] = { timestamp, marker, payload };
    else {
      this.#bytes -= held.payload?.length ?? 0;
      held.timestamp = timestamp;
      held.marker = marker;
      held.payload = payload;
    }
    this.#extended[place] = extended;
    this.#bytes += payload.length;
    this.#oldestHeld = Math.min(this.#oldestHeld, extended);
    if (this.#bytes > this.#maxBytes) this.#freeOldest(extended);
  }

  /** Forgets everything. */
  clear(): void {
    this.#extended.fill(Number.NaN);
    this.#packets.fill(undefined);
    this.#oldestHeld = Number.POSITIVE_INFINITY;
    this.#bytes = 0;
  }

  #freeOldest(newest: number): void {
    this.#oldestHeld = Math.max(this.#oldestHeld, newest - this.places + 1);
    while (this.#bytes > this.#maxBytes && this.#oldestHeld < newest) {
      const held = this.get(this.#oldestHeld++);
      this.#bytes -= held?.payload?.length ?? 0;
      if (held !== undefined) held.payload = undefined;
    }
  }
}
