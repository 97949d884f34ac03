import {
  type LegSettings,
  type LinkSettings,
  type NetemProcess,
  profileOf,
  startNetemProcess,
} from '@longreach/netem';
import type { Diagnosis, PlayerKind } from '@longreach/sdk';
import type { Browser } from 'playwright-core';
import {
  freeUdpPort,
  type LocalSystem,
  startLocalSystem,
} from '../../../scripts/local/local-system.ts';
import { launchChromium } from '../../support/browser.ts';
import { buildSdkPage } from '../../support/build-sdk-page.ts';
import { SdkPage } from '../../support/sdk-page.ts';
import { createSignalingPath, withCandidatePort } from '../../support/signaling-path.ts';
import { StallingCamera } from './stalling-camera.ts';

/** A leg of the way: machine to worker, or worker to operator. */
export type LegName = 'uplink' | 'operator';

/** What a link does beyond its usual delay. */
export type LinkFault = Pick<LinkSettings, 'loss' | 'rate' | 'queue' | 'jitter'>;

/** The stream whose camera is a network camera; the others are simulated. */
const networkCameraStream = 1;
const shownStreams = [0, 1];

/** The real system with an emulated network on both legs, a camera that can stall, and a page. */
export class DiagnosisBed {
  readonly system: LocalSystem;
  readonly camera: StallingCamera;
  readonly browser: Browser;
  readonly #legs: Record<LegName, NetemProcess>;
  readonly #closers: Array<() => void | Promise<void>>;
  #page: SdkPage | undefined;

  private constructor(
    parts: Pick<DiagnosisBed, 'system' | 'camera' | 'browser'> & {
      legs: Record<LegName, NetemProcess>;
      closers: Array<() => void | Promise<void>>;
    },
  ) {
    this.system = parts.system;
    this.camera = parts.camera;
    this.browser = parts.browser;
    this.#legs = parts.legs;
    this.#closers = parts.closers;
  }

  static async start(): Promise<DiagnosisBed> {
    const closers: Array<() => void | Promise<void>> = [];
    try {
      const built = await buildSdkPage();
      closers.push(() => built.remove());
      const camera = await StallingCamera.start(640, 360);
      closers.push(() => camera.close());
      const mediaPort = await freeUdpPort();
      const legs = { uplink: await startLeg(mediaPort), operator: await startLeg(mediaPort) };
      closers.push(
        () => legs.uplink.close(),
        () => legs.operator.close(),
      );
      const system = await startSystem(built.dir, camera, mediaPort, legs, closers);
      const browser = await launchChromium();
      closers.push(() => browser.close());
      return new DiagnosisBed({ system, camera, browser, legs, closers });
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  get page(): SdkPage {
    if (!this.#page) throw new Error('open a page first');
    return this.#page;
  }

  /** A new page that shows two streams and drives. */
  async open(kind: PlayerKind): Promise<void> {
    await this.#page?.close();
    this.#page = await SdkPage.open(this.browser, this.system, { player: { kind } });
    await this.#page.connect(shownStreams);
    await this.#page.untilMoving(0);
    await this.#page.drive();
  }

  /** The link does this from now on, both ways but for a rate, which only the pictures meet. */
  async setLink(leg: LegName, fault: LinkFault, seed = 1): Promise<void> {
    await this.#legs[leg].setProfile(settingsOf(leg, fault, seed));
  }

  diagnose(lookBackMs: number, durationMs: number): Promise<Diagnosis> {
    return this.page.diagnose({ lookBackMs, durationMs });
  }

  async close(): Promise<void> {
    await this.#page?.close();
    await closeAll(this.#closers);
  }
}

async function closeAll(closers: Array<() => void | Promise<void>>): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

function startLeg(mediaPort: number): Promise<NetemProcess> {
  return startNetemProcess({
    to: { address: '127.0.0.1', port: mediaPort },
    profile: profileOf('clean', {}),
  });
}

function settingsOf(leg: LegName, fault: LinkFault, seed: number): LegSettings {
  const media = leg === 'uplink' ? 'toTarget' : 'toFlow';
  const back = leg === 'uplink' ? 'toFlow' : 'toTarget';
  const clean = profileOf('clean', { media, seed });
  const { rate, queue, ...bothWays } = fault;
  const scarce = { ...(rate ? { rate } : {}), ...(queue ? { queue } : {}) };
  return {
    ...clean,
    [media]: { ...clean[media], ...bothWays, ...scarce },
    [back]: { ...clean[back], ...bothWays },
  };
}

async function startSystem(
  pageDir: string,
  camera: StallingCamera,
  mediaPort: number,
  legs: Record<LegName, NetemProcess>,
  closers: Array<() => void | Promise<void>>,
): Promise<LocalSystem> {
  let serverUrl = '';
  const signaling = await createSignalingPath({
    serverUrl: () => serverUrl,
    rewrite: (text) => withCandidatePort(text, legs.operator.port, legs.uplink.port),
  });
  closers.push(signaling.close);
  const system = await startLocalSystem({
    mediaPort,
    cockpitDir: pageDir,
    announcedAddresses: [`127.0.0.1:${legs.operator.port}`],
    stamp: true,
    adjustMachine: (config) => {
      serverUrl = String(config.server_url);
      config.server_url = signaling.url;
      const streams = config.streams_config as Record<string, unknown>[];
      const { width, height, fps, bps, min_bps } = streams[networkCameraStream] ?? {};
      const picture = { width, height, fps, bps, min_bps };
      streams[networkCameraStream] = {
        protocol: 'normal',
        cameras: [{ url: camera.url }],
        ...picture,
      };
    },
  });
  closers.push(() => system.close());
  return system;
}
