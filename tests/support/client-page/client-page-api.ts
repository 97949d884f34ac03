import type { ClientEvents, ClientOptions, MediaObserver } from '@longreach/sdk';

/** Methods that a test calls by name, with arguments that pass through JSON. */
export type CalledMethod =
  | 'login'
  | 'logout'
  | 'getGatewayList'
  | 'connect'
  | 'disconnect'
  | 'disconnectAll'
  | 'requestPermission'
  | 'releasePermission'
  | 'rearm'
  | 'emergencyStop'
  | 'unpublishLocalTrack'
  | 'muteField'
  | 'setEncodeParameters'
  | 'leaseOf'
  | 'stateOf';

/** What a page with a bare client does for a test. */
export type ClientPageApi = {
  /** Makes a client whose observer and listeners note everything. */
  create(options: Partial<ClientOptions>): void;
  /** Calls a method; rejects with the text of the catalogue error: `code message`. */
  call(method: CalledMethod, ...args: unknown[]): Promise<unknown>;
  /** Shows a stream in an element that comes into being with its first use. */
  attach(deviceId: string, streamId: number, element: number): Promise<void>;
  swap(first: number, second: number): void;
  /** Asks for motion with these axes until the next call; undefined ends the stream. */
  startDriving(deviceId: string, axes?: number[]): void;
  sendControlData(deviceId: string, bytes: number[], qos: 0 | 1): void;
  /** Publishes the page's microphone. */
  publishLocalTrack(deviceId: string): Promise<void>;
  /** Opens peer connections until the browser refuses one; gives how many there were. */
  exhaust(): number;
  /** Whether each of the page's audio outputs is muted. */
  mutedSounds(): boolean[];
  /** What each element shows: the width of its picture. */
  widths(): number[];
  /** Everything that the observer was told, oldest first. */
  readonly observed: { [Name in keyof MediaObserver]-?: unknown[][] };
  /** Everything that listeners were told, oldest first. */
  readonly events: { [Name in keyof ClientEvents]: Array<ClientEvents[Name]> };
};

declare global {
  interface Window {
    clientPage: ClientPageApi;
  }
}
