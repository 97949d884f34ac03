import type { Clock } from '@longreach/kit';
import { SimulatorInput } from '../capture/simulator-input.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import type { VehicleState } from '../local/vehicle-state.ts';
import { createCourse } from '../simulator/course.ts';
import { H264Encoder } from './h264-encoder.ts';
import { OpusEncoder } from './opus-codec.ts';

const pictures = 12;

/**
 * Draws and encodes some pictures that nobody sees, so that the first one that somebody waits for
 * finds libraries in memory and code compiled. Takes 100 to 300 ms; a failure shows when the stream is started.
 */
export async function warmUp(streams: readonly StreamConfig[], clock: Clock): Promise<void> {
  const stream = streams.find(({ protocol }) => protocol !== 'unsupported');
  if (!stream) return;
  try {
    const { width, height, fps, bitrateBps } = stream;
    const encoder = await H264Encoder.open({ width, height, fps, bitrateBps });
    const input = new SimulatorInput(
      { camera: 0, width, height, fps, stamp: true, course: createCourse(), clock, vehicleAt },
      {
        onPicture: ({ frame }) => encoder.encode(frame),
        onEncodedPicture: () => {},
        onState: () => {},
      },
    );
    for (let i = 0; i < pictures; i++) input.takeOne();
    encoder.close();
    (await OpusEncoder.open()).close();
  } catch {
    // Not fatal here.
  }
}

/** Driving along the first straight, so that all kinds of things are drawn. */
function vehicleAt(): VehicleState {
  const { start } = createCourse();
  const still = { timeUs: 0, modeSinceUs: 0, mode: 'standstill', steering: 0, drive: 0, brake: 1 };
  return {
    ...still,
    mode: 'standstill',
    xM: start.x,
    yM: start.y,
    headingRad: start.turn,
    speedMps: 0,
  };
}
