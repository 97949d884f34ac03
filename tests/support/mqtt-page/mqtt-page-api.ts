import type {
  AutoplayCode,
  Gateway,
  MqttConnectionState,
  PermissionState,
} from '@longreach/protocol';

/** What a test does with a page whose client is in public mode. */
export type MqttPageApi = {
  /** Makes a client whose broker and server are the page's own host, and logs in; gives the code of a refusal. */
  login(operator: { id: string; secret: string }): Promise<number | undefined>;
  logout(): Promise<void>;
  gateways(): Promise<Gateway[]>;
  /** Connects and shows stream 0; gives the code of a refusal. */
  connect(machineId: string): Promise<number | undefined>;
  /** Frames of the picture that were shown so far. */
  frames(): number;
  /** Asks for the permission or gives it back; says what it is then, and who is master. */
  ask(
    permission: PermissionState,
  ): Promise<{ permission: PermissionState; masterId: string | null }>;
  /** Releases the machine's brakes. */
  rearm(): void;
  /** Drives with these axes until told otherwise; undefined lets go. */
  drive(axes: number[] | undefined): void;
  /** Everything of these events so far, oldest first. */
  readonly told: {
    mqtt: Array<{ state: MqttConnectionState; message?: string }>;
    /** Names of events that say that the session is not what it was. */
    session: string[];
    presence: string[];
    autoplay: Array<{ code: AutoplayCode; streamId: number; fieldDeviceId: string }>;
    errors: string[];
  };
};

declare global {
  interface Window {
    mqttPage: MqttPageApi;
  }
}
