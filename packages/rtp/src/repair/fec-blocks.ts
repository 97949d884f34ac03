import type { FecPacket } from '../fec/fec-packet.ts';

/** A protected run of packets of one frame, as its parity packets describe it. */
export type FecBlock = {
  /** Extended sequence of its first packet. */
  readonly base: number;
  readonly sources: number;
  readonly symbolBytes: number;
  readonly timestamp: number;
  announced: number;
  rows: number[];
  symbols: Uint8Array[];
  /** Sources that have come. */
  present: number;
  /** When its newest parity packet came. */
  lastUs: number;
  /** Two things that were received of it cannot both be true: nothing is computed from it. */
  isContradicted: boolean;
  /** For `LossRequests`: its packets that were asked for and may still come, as counted in one round. */
  pending: number;
  pendingRound: number;
};

/** The blocks of a source whose parity has come and that are not complete, oldest first (SPEC R3, R4). */
export class FecBlocks {
  readonly #places: number;
  readonly #maxBlocks: number;
  readonly #maxBytes: number;
  #blocks: FecBlock[] = [];
  readonly #byPlace: (FecBlock | undefined)[];
  #bytes = 0;

  constructor(places: number, maxBlocks: number, maxBytes: number) {
    this.#places = places;
    this.#maxBlocks = maxBlocks;
    this.#maxBytes = maxBytes;
    this.#byPlace = new Array<FecBlock | undefined>(places).fill(undefined);
  }

  /** Bytes of parity held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The block that this packet belongs to, if known. */
  at(extended: number): FecBlock | undefined {
    const block = this.#byPlace[extended & (this.#places - 1)];
    if (block === undefined) return undefined;
    return extended >= block.base && extended < block.base + block.sources ? block : undefined;
  }

  /**
   * Adds a parity packet; gives its block when something new was learnt. Blocks that it contradicts are marked, and it
   * is then not taken itself.
   */
  add(packet: FecPacket, base: number, timestamp: number, nowUs: number): FecBlock | undefined {
    const { symbol, row, announced } = packet;
    const block = this.at(base) ?? this.#create(packet, base, timestamp);
    if (block === undefined || block.isContradicted) return undefined;
    const isSame =
      block.base === base &&
      block.sources === packet.sources &&
      block.symbolBytes === symbol.length &&
      block.timestamp === timestamp;
    if (!isSame) {
      this.#contradictOverlapping(base, packet.sources);
      return undefined;
    }
    const known = block.rows.indexOf(row);
    if (known >= 0) {
      if (!areEqual(block.symbols[known] as Uint8Array, symbol)) this.contradict(block);
      return undefined;
    }
    block.lastUs = nowUs;
    block.announced = Math.max(block.announced, announced);
    if (block.rows.length >= block.sources) return undefined; // more than can ever be of use
    block.rows.push(row);
    block.symbols.push(symbol);
    this.#bytes += symbol.length;
    this.#makeRoom();
    return this.at(base);
  }

  /** Keeps the block, so that nothing is computed for its packets, but none of its parity. */
  contradict(block: FecBlock): void {
    block.isContradicted = true;
    this.#bytes -= block.symbols.length * block.symbolBytes;
    block.rows = [];
    block.symbols = [];
  }

  /** Forgets a block. */
  remove(block: FecBlock): void {
    const place = this.#blocks.indexOf(block);
    if (place < 0) return;
    this.#blocks.splice(place, 1);
    this.#bytes -= block.symbols.length * block.symbolBytes;
    for (let i = 0; i < block.sources; i++) {
      const at = (block.base + i) & (this.#places - 1);
      if (this.#byPlace[at] === block) this.#byPlace[at] = undefined;
    }
  }

  /** Forgets the blocks that end before this packet. */
  removeBefore(extended: number): void {
    for (const block of [...this.#blocks]) {
      if (block.base + block.sources <= extended) this.remove(block);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#blocks = [];
    this.#byPlace.fill(undefined);
    this.#bytes = 0;
  }

  /** A new block, unless it overlaps another: one of the two is wrong, and nothing tells which. */
  #create(packet: FecPacket, base: number, timestamp: number): FecBlock | undefined {
    if (this.#contradictOverlapping(base, packet.sources)) return undefined;
    const block: FecBlock = {
      base,
      sources: packet.sources,
      symbolBytes: packet.symbol.length,
      timestamp,
      announced: packet.announced,
      rows: [],
      symbols: [],
      present: 0,
      lastUs: 0,
      isContradicted: false,
      pending: 0,
      pendingRound: -1,
    };
    this.#blocks.push(block);
    for (let i = 0; i < block.sources; i++) {
      this.#byPlace[(base + i) & (this.#places - 1)] = block;
    }
    return block;
  }

  #contradictOverlapping(base: number, sources: number): boolean {
    let found = false;
    for (let i = 0; i < sources; i++) {
      const other = this.at(base + i);
      if (other === undefined) continue;
      found = true;
      if (!other.isContradicted) this.contradict(other);
    }
    return found;
  }

  #makeRoom(): void {
    while (this.#blocks.length > this.#maxBlocks || this.#bytes > this.#maxBytes) {
      const oldest = this.#blocks[0];
      if (oldest === undefined) return;
      this.remove(oldest);
    }
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
