import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a packet is for: media sent for the first time, its repeats, parity (probes included), reports, anything else. */
export type PacketPurpose = 'media' | 'repeat' | 'parity' | 'rtcp' | 'other';

/** Packets, and bytes before encryption. */
export type Traffic = { packets: number; bytes: number };

/** What one end of a peer connection sent and received since it opened. */
export type ConnectionTraffic = {
  /** Where it sends to; 0 = not connected yet. */
  remotePort: number;
  sent: Record<PacketPurpose, Traffic>;
  received: Record<PacketPurpose, Traffic>;
};

/** All connections of one process at one time, machine clock, µs. */
export type TrafficRecord = { atUs: number; connections: Record<string, ConnectionTraffic> };

/** The tapped programs. */
export type TappedProgram = 'transport-main' | 'worker-main';

/** File of one process. */
export function trafficPath(folder: string, program: TappedProgram, pid: number): string {
  return join(folder, `traffic-${program}-${pid}.jsonl`);
}

/** What a program's newest process wrote down so far. */
export async function readTraffic(
  folder: string,
  program: TappedProgram,
): Promise<TrafficRecord[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(`traffic-${program}`));
  const records: TrafficRecord[] = [];
  for (const name of names) {
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);
    records.push(...lines.map((line) => JSON.parse(line) as TrafficRecord));
  }
  return records.sort((a, b) => a.atUs - b.atUs);
}

/** Nothing so far. */
export function noTraffic(): Record<PacketPurpose, Traffic> {
  const none = () => ({ packets: 0, bytes: 0 });
  return { media: none(), repeat: none(), parity: none(), rtcp: none(), other: none() };
}
