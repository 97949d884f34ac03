import { type ChildProcess, spawn } from 'node:child_process';

/** Where the operator's voice goes: 48 kHz, mono, 16 bit. */
export type VoiceOutput = {
  /** Plays samples that follow the last ones. */
  play(samples: Int16Array): void;
  /** Loudness of the last block, 0 to 1 (root mean square). */
  readonly level: number;
  /** Idempotent. */
  close(): void;
};

/** Loudness of a block, 0 to 1. */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length) / 32768;
}

/** Measures the level and plays nothing: a machine without a loudspeaker. */
export class MeasuringVoiceOutput implements VoiceOutput {
  level = 0;

  play(samples: Int16Array): void {
    this.level = levelOf(samples);
  }

  close(): void {
    this.level = 0;
  }
}

/** Voice that waits for the player, bytes: 200 ms; older sound is of no use to anybody near the machine. */
const maxBufferedBytes = 48_000 * 2 * 0.2;
/** A player that ended is not started again sooner than this, ms. */
const restartMs = 2_000;

/** Writes raw samples to a command's input, for example `aplay -q -t raw -f S16_LE -r 48000 -c 1 -D hw:0,0 -`. */
export class CommandVoiceOutput implements VoiceOutput {
  readonly #command: readonly [string, ...string[]];
  readonly #now: () => number;
  #child: ChildProcess | undefined;
  #startedMs = -Infinity;
  #isClosed = false;
  level = 0;

  constructor(
    command: readonly [string, ...string[]],
    now: () => number = () => performance.now(),
  ) {
    this.#command = command;
    this.#now = now;
  }

  play(samples: Int16Array): void {
    this.level = levelOf(samples);
    const input = this.#running()?.stdin;
    if (!input || input.writableLength > maxBufferedBytes) return;
    input.write(Buffer.copyBytesFrom(samples));
  }

  close(): void {
    this.#isClosed = true;
    const child = this.#child;
    child?.stdin?.end();
    // A child that could not be started has no id, and kill() would then send its signal to our own process group.
    if (child?.pid !== undefined) child.kill();
  }

  #running(): ChildProcess | undefined {
    if (this.#child || this.#isClosed || this.#now() - this.#startedMs < restartMs) {
      return this.#child;
    }
    this.#startedMs = this.#now();
    const [program, ...parameters] = this.#command;
    const child = spawn(program, parameters, { stdio: ['pipe', 'ignore', 'ignore'] });
    const forget = () => {
      if (this.#child === child) this.#child = undefined;
    };
    child.on('error', forget);
    child.on('exit', forget);
    // A player that closes its input shows as 'exit'.
    child.stdin.on('error', () => {});
    this.#child = child;
    return child;
  }
}

/** The command that plays on an ALSA device such as `hw:0,0`. */
export function alsaCommand(device: string): readonly [string, ...string[]] {
  return ['aplay', '-q', '-t', 'raw', '-f', 'S16_LE', '-r', '48000', '-c', '1', '-D', device, '-'];
}
