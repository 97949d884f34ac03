/** The kernel's clock ticks a second: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Time of all cores so far, µs: all of it, and what was spent idle. */
export type CpuTimes = { totalUs: number; idleUs: number };

/** Reads the first line of `/proc/stat` (proc(5)); undefined when it is none. Guests' time is part of the users'. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const line = /^cpu +([\d ]+)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const total = ticks.reduce((sum, one) => sum + one, 0);
  return { totalUs: microseconds(total), idleUs: microseconds(idle) };
}

/** Cores of the computer, by `/proc/stat`; 0 = it does not say. */
export function countCpus(text = ''): number {
  return [...text.matchAll(/^cpu\d+ /gm)].length;
}

/** CPU time that a process used so far, from `/proc/<pid>/stat` (fields 14 and 15), µs. */
export function parseProcessCpuUs(text: string): number | undefined {
  // The name before may hold anything, parentheses and blanks too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? microseconds(ticks) : undefined;
}

/** A line `Name:  123 kB` of `/proc/meminfo` or `/proc/<pid>/status`, bytes. */
export function parseKilobytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
  return match ? Number(match[1]) * 1024 : undefined;
}

/** The numbers at the head of a file (`/proc/loadavg`, `/proc/uptime`). */
export function parseNumbers(text: string): number[] {
  const words = text.trim().split(/\s+/);
  const end = words.findIndex((word) => !/^-?\d+(\.\d+)?$/.test(word));
  return (end < 0 ? words : words.slice(0, end)).map(Number);
}

/** A sensor's file of `/sys/class/thermal`, thousandths of a degree, in °C; undefined for what no sensor measures. */
export function parseTemperatureC(text: string): number | undefined {
  const [thousandths] = parseNumbers(text);
  if (thousandths === undefined) return undefined;
  const celsius = thousandths / 1000;
  // Sensors that are off say 0 or absolute nonsense.
  return celsius > -60 && celsius < 200 && celsius !== 0 ? celsius : undefined;
}

function microseconds(ticks: number): number {
  return (ticks * 1_000_000) / ticksPerSecond;
}
