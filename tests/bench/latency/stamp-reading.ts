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
  looks: number;
  startedUs: number;
  endedUs: number;
};
