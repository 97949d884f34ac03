import type { SDKMode, WebRTCStats } from '@longreach/protocol';
import type { ClientEvents, Diagnosis, DiagnosisOptions, PlayerOptions } from '@longreach/sdk';

/** What a test does with a page that has nothing but the SDK and video elements. */
export type SdkPageApi = {
  /** Makes a client of this player and logs in. */
  login(operator: {
    id: string;
    secret: string;
    player: PlayerOptions;
    mode: SDKMode;
  }): Promise<void>;
  /** Connects with so many slots; shows a stream in each element that is named. */
  connect(
    machineId: string,
    slots: number,
    shown: Array<{ element: number; streamId: number }>,
  ): Promise<void>;
  /** Shows a stream in an element, which comes into being with its first use. */
  attach(element: number, streamId: number): Promise<void>;
  detach(element: number): void;
  swap(first: number, second: number): void;
  /** Takes an element out of the document. */
  remove(element: number): void;
  /** Width of the picture in an element, and the frame counter in its pixels; absent while there is none. */
  look(element: number): { width: number; frame?: number };
  /** Takes control, arms the machine and sends set-points that move nothing, until the page is closed. */
  drive(): Promise<void>;
  /** Names the stage to blame. */
  diagnose(options: DiagnosisOptions): Promise<Diagnosis>;
  /** Newest statistics. */
  readonly stats: WebRTCStats[];
  /** Everything of these events so far, oldest first. */
  readonly told: {
    players: ClientEvents['playerChanged'][];
    pictures: ClientEvents['pictureStateChanged'][];
    figures: ClientEvents['figuresUpdated'][];
    /** Names of events that say that the session is not what it was. */
    session: string[];
    /** Why media paths were replaced. */
    reconnects: string[];
    /** States of connections, and of which track when it has one alone. */
    connections: Pick<
      ClientEvents['peerConnectionStateChanged'],
      'state' | 'streamId' | 'mediaType'
    >[];
    errors: string[];
    /** Machines' reports on themselves, and when each came, ms. */
    gateway: Array<{ atMs: number; fieldDeviceId: string; stats: unknown }>;
  };
};

declare global {
  interface Window {
    sdkPage: SdkPageApi;
  }
}
