/** One network route of a peer connection that carried something. */
export type UsedRoute = {
  /** Where the browser sends to. */
  remotePort: number;
  packetsSent: number;
  packetsReceived: number;
  bytesReceived: number;
};

/** What the page can tell; cumulative since it opened. */
export type PageResult = {
  routes: UsedRoute[];
  /** Numbers of the inbound-rtp statistics of every receiver that got something, by kind and mid. */
  receivers: Record<string, Record<string, number>>;
  /** Newest statistics of the SDK for the shown stream. */
  stats: Record<string, unknown>;
  /** Held back on purpose, mean over the last period of the SDK's statistics, ms. */
  jitterBufferMs: number | null;
  /** Which player the session had, in order, with the reason. */
  players: string[];
  /** States of the peer connection, in order. */
  states: string[];
  /** Messages of errors, newest last. */
  errors: string[];
  /** How often the machine's guard stopped it. */
  stops: number;
};
