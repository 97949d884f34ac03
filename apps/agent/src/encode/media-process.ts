import { join } from 'node:path';
import type { Clock } from '@longreach/kit';
import { createInput } from '../capture/create-input.ts';
import type { VideoInputState } from '../capture/video-input.ts';
import type { StreamConfig } from '../config/stream-config.ts';
import type { MediaRequest } from '../local/messages.ts';
import { createCourse } from '../simulator/course.ts';
import { VehicleClient } from '../simulator/vehicle-client.ts';
import { LoopMeter } from '../statistics/loop-meter.ts';
import { AudioTrack } from './audio-track.ts';
import type { MediaOptions } from './media-options.ts';
import { MediaSocket } from './media-socket.ts';
import { VideoTrack } from './video-track.ts';
import { alsaCommand, CommandVoiceOutput, MeasuringVoiceOutput } from './voice-output.ts';
import { VoiceTrack } from './voice-track.ts';
import { warmUp } from './warm-up.ts';

/** All of a machine's inputs and encoders, driven by the transport through `media.sock`. */
export class MediaProcess {
  readonly #videos: readonly VideoTrack[];
  readonly #audio: AudioTrack;
  readonly #voice: VoiceTrack;
  readonly #vehicle: VehicleClient | undefined;
  readonly #states = new Map<number, { state: VideoInputState; message: string }>();
  readonly #loop = new LoopMeter();
  #socket: MediaSocket | undefined;

  private constructor(options: MediaOptions, clock: Clock) {
    // Real cameras need no vehicle; then nothing tries to reach one.
    const isSimulated = options.streams.some(({ protocol }) => protocol === 'simulator');
    this.#vehicle = isSimulated ? new VehicleClient(options.runtimeDir) : undefined;
    this.#videos = options.streams.map((stream, id) =>
      this.#createVideo(stream, id, options, clock),
    );
    this.#audio = new AudioTrack({
      clock,
      engine: () => this.#vehicle?.newest ?? { speedMps: 0, drive: 0 },
      onFrame: (frame) => this.#socket?.sendFrame(frame),
      // Silence is what a listener notices; pictures go on.
      onFailure: (error) => process.emitWarning(error as Error),
    });
    const output = options.playDevice
      ? new CommandVoiceOutput(alsaCommand(options.playDevice))
      : new MeasuringVoiceOutput();
    this.#voice = new VoiceTrack(output);
  }

  /** Listens on `media.sock`. */
  static async start(options: MediaOptions, clock: Clock): Promise<MediaProcess> {
    await warmUp(options.streams, clock);
    const media = new MediaProcess(options, clock);
    media.#socket = await MediaSocket.listen(join(options.runtimeDir, 'media.sock'), {
      onRequest: (request) => media.#handleRequest(request),
      onVoice: (frame) => media.#voice.handlePacket(frame.data),
      onConnect: () => media.#tellStates(),
      onDisconnect: () => media.#stopAll(),
    });
    return media;
  }

  /** Idempotent. */
  close(): void {
    for (const video of this.#videos) video.close();
    this.#audio.close();
    this.#voice.close();
    this.#vehicle?.close();
    this.#socket?.close();
  }

  #createVideo(
    stream: StreamConfig,
    streamId: number,
    options: MediaOptions,
    clock: Clock,
  ): VideoTrack {
    const vehicleAt = (timeUs: number) => {
      if (!this.#vehicle) throw new Error('no simulated vehicle');
      return this.#vehicle.at(timeUs);
    };
    const context = { clock, stamp: options.stamp, vehicleAt, course: createCourse() };
    const { width, height, fps, bitrateBps } = stream;
    return new VideoTrack(
      {
        streamId,
        encoding: stream.protocol === 'rtsp_enc' ? 'forwarded' : { width, height, fps, bitrateBps },
        createInput: (handlers) => createInput(stream, context, handlers),
        clock,
      },
      {
        onFrame: (frame) => this.#socket?.sendFrame(frame) ?? false,
        onState: (state, message) => this.#handleState(streamId, state, message),
      },
    );
  }

  #handleRequest(request: MediaRequest): void {
    if (request.type === 'takeStats') {
      this.#tellStats();
      return;
    }
    const video = this.#videos[request.streamId];
    if (!video) return;
    switch (request.type) {
      case 'produce':
        if (request.mediaType === 'video') video.setActive(request.active, request.encoding);
        else this.#audio.setActive(request.streamId, request.active);
        return;
      case 'keyFrame':
        video.requestKeyFrame(request.encoding);
        return;
      case 'encodeParameters':
        video.setParameters(request, request.encoding);
        return;
    }
  }

  #handleState(streamId: number, state: VideoInputState, message: string): void {
    this.#states.set(streamId, { state, message });
    this.#socket?.sendNotice({ type: 'inputState', streamId, state, message });
  }

  #tellStates(): void {
    for (const [streamId, state] of this.#states) {
      this.#socket?.sendNotice({ type: 'inputState', streamId, ...state });
    }
  }

  #tellStats(): void {
    this.#socket?.sendNotice({
      type: 'mediaStats',
      loopBusyShare: this.#loop.take(),
      streams: this.#videos.map((video) => video.takeStats()),
    });
  }

  /** Without a transport nobody watches. */
  #stopAll(): void {
    for (const video of this.#videos) video.close();
    this.#audio.close();
  }
}
