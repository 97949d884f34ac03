import type { Clock } from '@longreach/kit';
import type { StreamConfig } from '../config/stream-config.ts';
import type { VehicleState } from '../local/vehicle-state.ts';
import type { Course } from '../simulator/course.ts';
import { DecodedInput } from './decoded-input.ts';
import { FileInput } from './file-input.ts';
import { ForwardedInput } from './forwarded-input.ts';
import { filePathOf, sourceOf } from './input-source.ts';
import { SimulatorInput } from './simulator-input.ts';
import { UnsupportedInput } from './unsupported-input.ts';
import type { VideoInput, VideoInputHandlers } from './video-input.ts';

/** What inputs share. */
export type InputContext = {
  clock: Clock;
  /** Whether the in-pixel stamp is drawn. */
  stamp: boolean;
  /** Where the simulated vehicle is at a time of the machine clock. */
  vehicleAt: (timeUs: number) => VehicleState;
  course: Course;
};

/** The input that a stream's configuration asks for; nothing is opened yet. */
export function createInput(
  stream: StreamConfig,
  context: InputContext,
  handlers: VideoInputHandlers,
): VideoInput {
  switch (stream.protocol) {
    case 'simulator':
      return new SimulatorInput({ ...stream, ...context }, handlers);
    case 'normal': {
      const path = filePathOf(stream.url);
      return path === undefined
        ? new DecodedInput({ ...stream, ...context, source: sourceOf(stream) }, handlers)
        : new FileInput({ ...stream, ...context, path }, handlers);
    }
    case 'v4l2':
      return new DecodedInput({ ...stream, ...context, source: sourceOf(stream) }, handlers);
    case 'rtsp_enc':
      return new ForwardedInput({ ...context, source: sourceOf(stream) }, handlers);
    case 'unsupported':
      return new UnsupportedInput(handlers);
  }
}
