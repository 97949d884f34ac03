/** What the load process is told, and what it answers. */
export type LoadScenario = {
  publishers: number;
  packetsPerSecond: number;
  viewersPerPublisher: number;
  seconds: number;
};

/** Where the load goes: our worker through the parent, or Janus directly. */
export type LoadTarget =
  /** No server: every viewer has its own sender in the load process. */
  | { kind: 'direct'; address: string }
  | { kind: 'longreach'; address: string }
  | { kind: 'janus'; address: string; webSocketPort: number; firstRtpPort: number };

export type ToLoad =
  | { type: 'run'; scenario: LoadScenario; target: LoadTarget }
  | { type: 'answer'; id: number; sdp: string };

export type FromLoad =
  /** To be handed to our worker. */
  | { type: 'offer'; id: number; role: 'field' | 'remote'; room: string; peer: string; sdp: string }
  /** All viewers receive; the measured time begins (and ends). */
  | { type: 'measuring' }
  | { type: 'measured'; sent: number; sampleReceived: number; delaysMs: number[] };
