import { describe, expect, it } from 'vitest';
import { EngineSound, sampleRate } from './engine-sound.ts';
import { OpusDecoder, OpusEncoder, opusFrameSamples } from './opus-codec.ts';
import { CommandVoiceOutput, levelOf, MeasuringVoiceOutput } from './voice-output.ts';

function blocks(sound: EngineSound, count: number, speedMps: number, drive: number): Float32Array {
  const all = new Float32Array(count * opusFrameSamples);
  for (let i = 0; i < count; i++) {
    sound.render(all.subarray(i * opusFrameSamples, (i + 1) * opusFrameSamples), {
      speedMps,
      drive,
    });
  }
  return all;
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

describe('EngineSound', () => {
  it('idles audibly, gets louder with drive and never clips', () => {
    const sound = new EngineSound();
    const idle = blocks(sound, 50, 0, 0);
    const driving = blocks(sound, 50, 8, 1);
    expect(rms(idle)).toBeGreaterThan(0.02);
    expect(rms(driving)).toBeGreaterThan(rms(idle) * 1.5);
    expect(driving.every((value) => Math.abs(value) <= 1)).toBe(true);
  });

  it('has no clicks between blocks or when the drive changes', () => {
    const sound = new EngineSound();
    const samples = [
      ...blocks(sound, 5, 0, 0),
      ...blocks(sound, 5, 5, 1),
      ...blocks(sound, 5, 0, 0),
    ];
    let steepest = 0;
    samples.forEach((value, i) => {
      steepest = Math.max(steepest, Math.abs(value - (samples[i - 1] ?? value)));
    });
    expect(steepest).toBeLessThan(0.08);
  });
});

describe('Opus', () => {
  it('carries sound from encoder to decoder', async () => {
    const encoder = await OpusEncoder.open();
    const decoder = await OpusDecoder.open();
    const tone = new Float32Array(opusFrameSamples);
    const levels: number[] = [];
    let bytes = 0;
    for (let block = 0; block < 30; block++) {
      for (let i = 0; i < tone.length; i++) {
        tone[i] = 0.5 * Math.sin((2 * Math.PI * 440 * (block * tone.length + i)) / sampleRate);
      }
      const packet = encoder.encode(tone);
      expect(packet).toBeDefined();
      const samples = packet && decoder.decode(packet);
      expect(samples?.length).toBe(opusFrameSamples);
      bytes += packet?.length ?? 0;
      levels.push(samples ? levelOf(samples) : 0);
    }
    expect(levels.at(-1)).toBeGreaterThan(0.3);
    expect(levels.at(-1)).toBeLessThan(0.4);
    expect((bytes * 8) / 0.6).toBeLessThan(64_000);
    expect(decoder.decode(Buffer.alloc(0))).toBeUndefined();
    encoder.close();
    decoder.close();
  });
});

describe('voice outputs', () => {
  it('measure the level', () => {
    const output = new MeasuringVoiceOutput();
    output.play(new Int16Array(960).fill(16384));
    expect(output.level).toBeCloseTo(0.5);
    output.close();
    expect(output.level).toBe(0);
  });

  it('write raw samples to a command, and live on when it cannot be started', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { createServer } = await import('node:net');
    const server = createServer((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('hex');
        if (text.length >= 8) resolve(text);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const script = `process.stdin.pipe(require('node:net').connect(${port}, '127.0.0.1'))`;
    const output = new CommandVoiceOutput([process.execPath, '-e', script]);
    output.play(Int16Array.of(1, -2));
    expect(await promise).toBe('0100feff');
    output.close();
    server.close();
    let signals = 0;
    const count = () => signals++;
    process.once('SIGTERM', count);
    const missing = new CommandVoiceOutput(['/does/not/exist']);
    missing.play(Int16Array.of(1));
    missing.play(Int16Array.of(1));
    missing.close();
    await new Promise((done) => setImmediate(done));
    process.off('SIGTERM', count);
    expect(signals).toBe(0);
  });
});
