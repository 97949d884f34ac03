import type { PictureSample, SampleOptions } from '../network/picture-sample.ts';

/** A stamp that showed in the framebuffer for the first time. */
export type Sighting = {
  frame: number;
  /** Capture time, machine clock, units of 0.1 ms. */
  clock: number;
  /** When it was seen, machine clock, µs. */
  seenUs: number;
  /** The look before, which did not see it: it appeared in between. */
  previousLookUs: number;
};

/** What the reader saw since it was asked last. */
export type StampReading = {
  sightings: Sighting[];
  /** Pictures that were compared with their sources. */
  samples: PictureSample[];
  looks: number;
  /** Looks that met a changed line without a stamp: half written, or not to be recognised. */
  unreadable: number;
  startedUs: number;
  endedUs: number;
};

/** How the reader looks. */
export type StampReaderOptions = {
  /** Of the picture as it is shown, pixels; it tells where the stamp lies. Default 1280. */
  pictureWidth?: number;
  /** Between two looks, ms. Default 0.35. */
  pauseMs?: number;
  /** Compare some pictures with their sources. Default none. */
  samples?: SampleOptions;
};

/** A reading that begins now. */
export function emptyReading(startedUs: number): StampReading {
  return { sightings: [], samples: [], looks: 0, unreadable: 0, startedUs, endedUs: 0 };
}
