import { Emitter, LongreachError, type Unsubscribe } from '@longreach/kit';
import {
  type Gateway,
  type GuardMode,
  type Lease,
  NetworkErrorCode,
  type PermissionState,
  RefusalCode,
  type StateReport,
  type StreamInfo,
} from '@longreach/protocol';
import type {
  ClientEvents,
  Diagnosis,
  DriveInput,
  LoginOptions,
  LongreachClientApi,
  PermissionEvent,
  PictureState,
} from '@longreach/sdk';
import { FakeCamera } from './fake-camera.ts';
import { fakeDiagnosis } from './fake-diagnosis.ts';
import { FakeVehicle } from './fake-vehicle.ts';

const names = ['Front', 'Left', 'Right', 'Rear', 'Boom', 'Bucket', 'Roof', 'Cabin'];

/** A client without a network, for developing and testing the cockpit alone; never part of the product. */
export class FakeClient implements LongreachClientApi {
  readonly calls: string[] = [];
  readonly drives: DriveInput[] = [];
  guardMode: GuardMode = 'stopped';
  masterId: string | null = null;
  latencyMs = 24;
  loginError: LongreachError | undefined;
  readonly vehicle = new FakeVehicle();
  readonly streams: StreamInfo[];
  readonly #events = new Emitter<ClientEvents>();
  readonly #cameras = new Map<number, FakeCamera>();
  readonly #media = new Map<number, MediaStream>();
  readonly #frozen = new Set<number>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #own = '';
  #epoch = 0;
  #sequence = 0;

  readonly #frameMs: number;

  /** `fps` of the painted pictures. */
  constructor(streamCount = 4, fps = 30) {
    this.#frameMs = 1000 / fps;
    this.streams = Array.from({ length: streamCount }, (_, streamId) => ({
      streamId,
      name: names[streamId] ?? `Camera ${streamId}`,
      width: streamId === 0 ? 1280 : 640,
      height: streamId === 0 ? 720 : 360,
      fps: 30,
      mediaTypes: ['video'],
    }));
  }

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#events.on(name, listener);
  }

  /** Emits any event, as a network would. */
  emit<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): void {
    this.#events.emit(name, payload);
  }

  async login({ deviceId, forceLogin }: LoginOptions): Promise<void> {
    this.calls.push(`login ${deviceId} ${forceLogin ?? 0}`);
    if (this.loginError) throw this.loginError;
    this.#own = deviceId;
  }

  async logout(): Promise<void> {
    this.calls.push('logout');
  }

  async getGatewayList(): Promise<Gateway[]> {
    const gateway = (deviceId: string, deviceName: string, deviceType: string, status: string) => ({
      deviceId,
      deviceName,
      deviceType,
      status,
      streamCount: this.streams.length,
      version: '0.1.0',
    });
    return [
      gateway('rover-1', 'Quarry rover 1', 'simulator', 'ready'),
      gateway('loader-7', 'Wheel loader 7', 'wheel loader', 'connected'),
      gateway('crane-2', 'Harbour crane 2', 'crane', 'offline'),
    ];
  }

  async connect(deviceId: string): Promise<{ streams: StreamInfo[] }> {
    this.calls.push(`connect ${deviceId}`);
    for (const stream of this.streams) {
      const camera = new FakeCamera(stream.name, stream.width, stream.height);
      this.#cameras.set(stream.streamId, camera);
      this.#media.set(stream.streamId, camera.stream(stream.fps));
    }
    this.#timers.push(
      setInterval(() => this.#paint(), this.#frameMs),
      setInterval(() => this.#report(deviceId), 50),
      setInterval(() => this.#figures(deviceId), 500),
    );
    for (const { streamId } of this.streams) this.setPicture(streamId, 'fresh', 20, deviceId);
    this.emit('connected', { deviceId });
    return { streams: this.streams };
  }

  async disconnect(deviceId: string): Promise<void> {
    this.calls.push(`disconnect ${deviceId}`);
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  async disconnectAll(): Promise<void> {
    await this.disconnect('all');
  }

  async attach(
    deviceId: string,
    streamId: number,
    element: HTMLVideoElement,
  ): Promise<Unsubscribe> {
    const media = this.#media.get(streamId);
    if (!media) throw new LongreachError(NetworkErrorCode.StreamNotFound, 'no such stream');
    this.calls.push(`attach ${streamId}`);
    element.srcObject = media;
    this.setPicture(streamId, 'fresh', 20, deviceId);
    return () => {
      element.srcObject = null;
    };
  }

  swap(first: HTMLVideoElement, second: HTMLVideoElement): void {
    this.calls.push('swap');
    [first.srcObject, second.srcObject] = [second.srcObject, first.srcObject];
  }

  async requestPermission(
    deviceId: string,
    permission: PermissionState = 'master',
  ): Promise<PermissionEvent> {
    this.calls.push(`requestPermission ${permission}`);
    if (this.masterId !== null && this.masterId !== this.#own) {
      return this.#permission(deviceId, 'refused');
    }
    this.masterId = permission === 'master' ? this.#own : null;
    this.#epoch++;
    const event = this.#permission(deviceId, permission === 'master' ? 'granted' : 'released');
    this.emit('permissionChanged', event);
    return event;
  }

  async releasePermission(deviceId: string): Promise<PermissionEvent> {
    this.guardMode = 'stopped';
    return this.requestPermission(deviceId, 'guest');
  }

  startDriving(
    _deviceId: string,
    options: { sample: () => DriveInput | undefined; hz?: number },
  ): Unsubscribe {
    this.calls.push('startDriving');
    const timer = setInterval(
      () => {
        const input = options.sample();
        if (!input) return;
        this.vehicle.input = input;
        this.drives.push(input);
        if (this.drives.length > 500) this.drives.shift();
      },
      1000 / (options.hz ?? 50),
    );
    return () => {
      clearInterval(timer);
      this.vehicle.input = { axes: [0, 0, 0] };
      this.calls.push('stopDriving');
    };
  }

  rearm(): void {
    this.calls.push('rearm');
    this.guardMode = 'armed';
  }

  async emergencyStop(): Promise<void> {
    this.calls.push('emergencyStop');
    this.guardMode = 'emergency';
  }

  sendControlData(): void {}
  async publishLocalTrack(): Promise<void> {}
  async unpublishLocalTrack(): Promise<void> {}
  muteField(_deviceId: string, muted: boolean): void {
    this.calls.push(`muteField ${muted}`);
  }
  async setEncodeParameters(): Promise<void> {}
  leaseOf(): Omit<Lease, 'token'> | undefined {
    return { epoch: this.#epoch, masterId: null, reason: '' };
  }
  async startDiagnosis(): Promise<Diagnosis> {
    this.calls.push('startDiagnosis');
    return fakeDiagnosis;
  }
  stateOf(): StateReport | undefined {
    return undefined;
  }

  /** Says how old a stream's picture is; one that is not fresh stops moving. */
  setPicture(streamId: number, state: PictureState, ageMs: number, deviceId = 'rover-1'): void {
    if (state === 'fresh') this.#frozen.delete(streamId);
    else this.#frozen.add(streamId);
    this.emit('pictureStateChanged', { deviceId, streamId, state, ageMs });
  }

  #permission(deviceId: string, reason: string): PermissionEvent {
    const permission = this.masterId === this.#own ? 'master' : 'guest';
    return { deviceId, permission, masterId: this.masterId, epoch: this.#epoch, reason };
  }

  #paint(): void {
    this.vehicle.step(this.#frameMs / 1000, this.guardMode === 'armed');
    for (const [streamId, camera] of this.#cameras) {
      if (!this.#frozen.has(streamId)) camera.paint(this.vehicle.wayM, this.vehicle.headingRad);
    }
  }

  #figures(deviceId: string): void {
    for (const { streamId, width, height } of this.streams) {
      this.emit('figuresUpdated', {
        ...{ deviceId, streamId, width, height, fps: 30, bitrateMbps: 4.2, lostPct: 0.1 },
        ...{ latencyMs: this.latencyMs, latencyUncertaintyMs: 1.4, lag150Pct: 0, freezes: 2 },
      });
    }
    const stats = { srcUserId: deviceId, trackId: '', streamId: 0, rtt: 18 } as const;
    this.emit('event', {
      type: 'webrtcStats',
      data: [{ ...stats, mediaType: 'video', decoderType: 'software' }],
    });
  }

  #report(deviceId: string): void {
    const [steering = 0, drive = 0, brake = 0] = this.vehicle.input.axes;
    const report: StateReport = {
      ...{ kind: 'state', sequence: this.#sequence++, machineTimeUs: 0, clockOffsetUs: 0 },
      ...{ clockUncertaintyUs: 1400, guardMode: this.guardMode, epoch: this.#epoch },
      ...{ releasedSequence: 0, loopAgeMs: 61, released: 0, refused: 0 },
      ...{ lastRefusal: RefusalCode.None, speedMps: this.vehicle.speedMps, xM: 0, yM: 0 },
      ...{ headingRad: this.vehicle.headingRad, steering, drive, brake },
    };
    this.emit('stateReported', { deviceId, report });
  }
}
