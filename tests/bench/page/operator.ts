import type { DriveInput, LongreachClient } from '@longreach/sdk';

/** Gently round in a circle: the machine moves and hits nothing for long. */
const setPoints: DriveInput = { axes: [0.6, 0.25, 0] };
const stepMs = 50;
/** Between two tries of one step that failed or was not followed yet, ms. */
const retryMs = 300;
/** A report older than this tells of the time before a fault, ms. */
const freshMs = 200;
const mainStreamId = 0;

type Credentials = { deviceId: string; secret: string };

/** An operator without hands: logs in, connects, asks for control and re-arms, again whenever it is needed. */
export class Operator {
  readonly #client: LongreachClient;
  readonly #machineId: string;
  readonly #elements: HTMLVideoElement[];
  #credentials: Credentials | undefined;
  #isLoggedIn = true;
  #isConnected = false;
  #wantsArmed = false;
  #triedMs = 0;
  #isBusy = false;
  #lastFailure = '';
  #report = { guardMode: 'unknown', atMs: Number.NEGATIVE_INFINITY };
  /** Re-arms that were asked for. */
  rearms = 0;
  /** Set-points that were asked for. */
  sampled = 0;
  /** Reasons why commands were refused, newest last. */
  readonly refusals: string[] = [];

  constructor(client: LongreachClient, machineId: string, elements: HTMLVideoElement[]) {
    this.#client = client;
    this.#machineId = machineId;
    this.#elements = elements;
    client.on('signalingStateChanged', ({ state, roomId }) => {
      if (roomId === '' && state === 'closed') this.#isLoggedIn = this.#isConnected = false;
    });
    client.on('disconnected', () => {
      this.#isConnected = false;
    });
    client.on('commandRefused', ({ code, by }) => this.refusals.push(`${by} ${code}`));
    client.on('stateReported', ({ report }) => {
      this.#report = { guardMode: report.guardMode, atMs: performance.now() };
    });
    client.on('errorOccurred', (error) => {
      this.#lastFailure = error.message;
    });
  }

  /** Connects and shows every camera, each in an element. */
  async connect(): Promise<void> {
    const connected = this.#client.connect(this.#machineId);
    // The order is given at once; it is carried out as soon as the machine's streams are known.
    const attached = this.#elements.map((element, streamId) =>
      this.#client.attach(this.#machineId, streamId, element),
    );
    await Promise.all([connected, ...attached]);
    this.#isConnected = true;
  }

  /** Sends set-points at `hz`. */
  startDriving(hz: number | undefined): void {
    this.#client.startDriving(this.#machineId, {
      mainStreamId: () => mainStreamId,
      sample: () => {
        this.sampled += 1;
        return setPoints;
      },
      ...(hz === undefined ? {} : { hz }),
    });
  }

  /** Keeps everything up from now on. */
  keepUp(credentials: Credentials): void {
    this.#credentials = credentials;
    setInterval(() => void this.#step(), stepMs);
  }

  /** Becomes master and arms the machine as soon as it can be, once. */
  arm(): void {
    this.#wantsArmed = true;
  }

  /** Arms the machine now, and again whenever it stopped; resolves when it is armed first. */
  async stayArmed(): Promise<void> {
    return new Promise((resolve) => {
      setInterval(() => {
        if (this.#guardMode === 'armed') resolve();
        else this.#wantsArmed = true;
        void this.#step();
      }, stepMs);
    });
  }

  describe(): string {
    return JSON.stringify({
      isLoggedIn: this.#isLoggedIn,
      isConnected: this.#isConnected,
      wantsArmed: this.#wantsArmed,
      lease: this.#client.leaseOf(this.#machineId),
      guardMode: this.#guardMode,
      lastFailure: this.#lastFailure,
      refusals: this.refusals.slice(-3),
    });
  }

  /** What the machine says, unless that is old. */
  get #guardMode(): string {
    const { guardMode, atMs } = this.#report;
    return performance.now() - atMs <= freshMs ? guardMode : 'unknown';
  }

  async #step(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      await this.#doNext();
    } catch (error) {
      this.#lastFailure = error instanceof Error ? error.message : String(error);
      this.#triedMs = performance.now();
    } finally {
      this.#isBusy = false;
    }
  }

  async #doNext(): Promise<void> {
    if (performance.now() - this.#triedMs < retryMs) return;
    if (!this.#isLoggedIn && this.#credentials) {
      await this.#client.login({ ...this.#credentials, forceLogin: 1 });
      this.#isLoggedIn = true;
    } else if (!this.#isConnected) {
      await this.connect();
      this.startDriving(undefined);
    } else if (this.#wantsArmed) {
      await this.#armOnce();
    }
  }

  async #armOnce(): Promise<void> {
    if (this.#guardMode === 'armed') {
      this.#wantsArmed = false;
      return;
    }
    const permission = await this.#client.requestPermission(this.#machineId);
    if (permission.permission !== 'master') throw new Error(`no control: ${permission.reason}`);
    this.#triedMs = performance.now();
    this.rearms += 1;
    this.#client.rearm(this.#machineId);
  }
}
