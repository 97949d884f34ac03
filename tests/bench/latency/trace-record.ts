/** What the traced processes write down about each picture of the front camera; times: machine clock, µs. */

/** The media process. */
export type MediaTrace = {
  captureTimeUs: number;
  /** Drawn, about to be encoded. */
  drawnUs: number;
  encodedTimeUs: number;
  bytes: number;
  key: boolean;
};

/** The transport. */
export type TransportTrace = {
  captureTimeUs: number;
  /** It has the encoded picture. */
  takenUs: number;
  /** Its packets are on their way. */
  sentUs: number;
};

/** The media worker. */
export type WorkerTrace = {
  rtpTimestamp: number;
  /** Arrival of its first packet. */
  firstUs: number;
  /** Arrival of its last packet. */
  lastUs: number;
  /** The last packet is on its way to the viewer. */
  forwardedUs: number;
  packets: number;
};

/** Lists of one process, by which kind it is; the others stay empty. */
export type Trace = { media: MediaTrace[]; transport: TransportTrace[]; worker: WorkerTrace[] };

/** Environment variable that names the folder for traces. */
export const traceFolderVariable = 'LONGREACH_TRACE_DIR';
