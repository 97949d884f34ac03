/** What the benchmarks' page offers to the process that drives the browser. Times: ms since the Unix epoch. */

/** Steps of one connect, ms after `connect()` was called. */
export type ConnectSteps = {
  /** The browser's offer is made. */
  offered: number;
  /** The server's answer is here. */
  answered: number;
  /** ICE has found a path. */
  iceConnected: number;
  /** DTLS is done. */
  connected: number;
  /** The first packet of the main picture arrived. */
  firstPacket: number;
  /** The last packet of the first frame arrived, as the browser says. */
  received: number;
  /** The first frame is decoded: the last packet's arrival and the browser's own processing time. */
  decoded: number;
  /** The browser announced the first frame's presentation. */
  presented: number;
};

/** What the command stream did until `atMs`. */
export type DriveCounts = {
  atMs: number;
  sampled: number;
  sent: number;
  rearms: number;
  refusals: string[];
};

/** A moment on two clocks of the page: `Date` and `performance` (with its time origin), ms. */
export type PageMoment = { dateMs: number; performanceMs: number };

/** The page's side of the benchmarks; it lies at `window.benchPage`. */
export type BenchPage = {
  /** Logs the SDK in and loads the list of machines, as the cockpit does before anybody can choose one. */
  login(deviceId: string, secret: string): Promise<void>;
  /** Connects and shows every camera; resolves at the first frame of the main one. */
  connect(machineId: string): Promise<ConnectSteps>;
  /** From now on answers name this UDP port as the worker's. */
  setMediaPort(port: number): void;
  /** Becomes master, sends set-points at `hz` and arms the machine, also when it stopped in between. */
  drive(machineId: string, hz: number): Promise<void>;
  driveCounts(): DriveCounts;
  /** Keeps login, connection and command stream up from now on, as an operator's page does. */
  keepUp(machineId: string, credentials: { deviceId: string; secret: string }): void;
  /** Becomes master and arms the machine as soon as it can be, once. */
  arm(): void;
  /** What is missing now, for an error message. */
  describe(): string;
  /** The performance clock now. */
  nowMs(): number;
  /** Waits for the edges of `Date`'s milliseconds. */
  readMoments(count: number): PageMoment[];
};

declare global {
  interface Window {
    benchPage: BenchPage;
  }
}
