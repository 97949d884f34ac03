/** One report of getStats as it came, with the page's time at which it was asked for, ms. */
export type RecordedReport = { takenMs: number; entries: object[] };

/** What one page saw of a picture and a sound that it sent to itself. */
export type LoopbackRecording = {
  userAgent: string;
  /** The receiver's reports: some time after the first picture, and 2 s later. */
  reports: [RecordedReport, RecordedReport];
  /** When pictures were presented (requestVideoFrameCallback), from the first one to the second report, ms. */
  presentedMs: number[];
  /** Members that the callback's metadata has in this browser. */
  frameMetadata: string[];
};

/** What the page does for the recorder. */
export type LoopbackApi = {
  /** Makes both ends and gives the address at which the sender waits. */
  prepare(videoMime: string): Promise<{ address: string; port: number }>;
  /** Lets the receiver look for the sender there. */
  connect(to: { address: string; port: number }): Promise<void>;
  /** Resolves after `beforeMs` and `periodMs` with both reports. */
  record(beforeMs: number, periodMs: number): Promise<LoopbackRecording>;
};
