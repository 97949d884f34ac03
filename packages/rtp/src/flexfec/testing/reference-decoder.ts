/**
 * A FlexFEC receiver written from draft-ietf-payload-flexible-fec-scheme-03 §4.2 and §6.3, bit by bit and without
 * regard to speed. It shares nothing with the sender's code. Packets given and returned are whole RTP packets.
 */

type Repair = {
  ssrc: number;
  protectedSequences: number[];
  recovery: { first: number; second: number; length: number; timestamp: number };
  payload: Uint8Array;
};

/** Reads a repair payload; throws on what a receiver would discard. */
export function readRepair(bytes: Uint8Array): Repair {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((view.getUint8(0) & 0x80) !== 0) throw new Error('R is set: a repeat');
  if ((view.getUint8(0) & 0x40) !== 0) throw new Error('F is set: a fixed mask');
  if (view.getUint8(8) !== 1) throw new Error('not one protected stream');
  const base = view.getUint16(16);
  const protectedSequences: number[] = [];
  const addBits = (bits: string, place: number) => {
    [...bits].forEach((bit, i) => {
      if (bit === '1') protectedSequences.push((base + place + i) & 0xffff);
    });
  };
  const bitsOf = (at: number, count: number) =>
    [...bytes.subarray(at, at + count)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const parts = [
    { at: 18, bytes: 2, place: 0 },
    { at: 20, bytes: 4, place: 15 },
    { at: 24, bytes: 8, place: 46 },
  ];
  let payloadAt = 0;
  for (const part of parts) {
    const [k, ...mask] = bitsOf(part.at, part.bytes);
    addBits(mask.join(''), part.place);
    payloadAt = part.at + part.bytes;
    if (k === '1') break;
    if (part.place === 46) throw new Error('no part of the mask is the last');
  }
  return {
    ssrc: view.getUint32(12),
    protectedSequences,
    recovery: {
      first: view.getUint8(0) & 0x3f,
      second: view.getUint8(1),
      length: view.getUint16(2),
      timestamp: view.getUint32(4),
    },
    payload: bytes.subarray(payloadAt),
  };
}

/** Adds to `packets` (by sequence) all that the repairs can bring back. */
export function recoverAll(
  packets: Map<number, Uint8Array>,
  repairs: readonly Uint8Array[],
): Map<number, Uint8Array> {
  const known = new Map(packets);
  const read = repairs.map(readRepair);
  for (let progress = true; progress; ) {
    progress = false;
    for (const repair of read) {
      const missing = repair.protectedSequences.filter((sequence) => !known.has(sequence));
      const [lost] = missing;
      if (lost === undefined || missing.length > 1) continue;
      known.set(lost, recoverOne(repair, lost, known));
      progress = true;
    }
  }
  return known;
}

function recoverOne(repair: Repair, lost: number, known: Map<number, Uint8Array>): Uint8Array {
  const others = repair.protectedSequences
    .filter((sequence) => sequence !== lost)
    .map((sequence) => known.get(sequence) as Uint8Array);
  let { first, second, length, timestamp } = repair.recovery;
  for (const other of others) {
    first ^= (other[0] as number) & 0x3f;
    second ^= other[1] as number;
    length ^= other.length - 12;
    timestamp ^= new DataView(other.buffer, other.byteOffset).getUint32(4);
  }
  const packet = new Uint8Array(12 + length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x80 | first);
  view.setUint8(1, second);
  view.setUint16(2, lost);
  view.setUint32(4, timestamp >>> 0);
  view.setUint32(8, repair.ssrc);
  for (let i = 0; i < length; i++) {
    let byte = repair.payload[i] ?? 0;
    for (const other of others) byte ^= other[12 + i] ?? 0;
    packet[12 + i] = byte;
  }
  return packet;
}
