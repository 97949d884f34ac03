import {
  freeUdpPort,
  type LocalSystem,
  startLocalSystem,
} from '../../../scripts/local/local-system.ts';
import { createSignalingPath, withCandidatePort } from '../../support/signaling-path.ts';
import { type Leg, startLeg } from './leg.ts';
import type { Scenario } from './scenarios.ts';
import type { TapFolder } from './tap-folder.ts';

/** Server and machine with an emulated network on either leg. */
export type BenchSystem = {
  readonly system: LocalSystem;
  readonly uplink: Leg;
  readonly operator: Leg;
  close(): Promise<void>;
};

export type BenchSystemOptions = {
  scenario: Scenario;
  seed: number;
  pageDir: string;
  taps: TapFolder;
};

/** Just off the screen's 60 Hz half, so that a run sweeps the phase between picture and refresh. */
const frontFps = 29.97;
const maxKbps = 2500;
const minKbps = 200;

/** Starts the networks first: the connections are made through them. */
export async function startBenchSystem(options: BenchSystemOptions): Promise<BenchSystem> {
  const { scenario, seed } = options;
  const mediaPort = await freeUdpPort();
  const closers: Array<() => Promise<void>> = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  const leg = async (place: 'uplink' | 'operator', legSeed: number) => {
    const isBad = scenario.place === place || scenario.place === 'both';
    const started = await startLeg({
      profile: isBad ? scenario.profile : 'clean',
      media: place === 'uplink' ? 'toTarget' : 'toFlow',
      roundTripMs: scenario.roundTripMs,
      seed: legSeed,
      mediaPort,
    });
    closers.push(started.close);
    return started;
  };
  try {
    const uplink = await leg('uplink', 2 * seed);
    const operator = await leg('operator', 2 * seed + 1);
    let serverUrl = '';
    const signaling = await createSignalingPath({
      serverUrl: () => serverUrl,
      rewrite: (text) => withCandidatePort(text, operator.port, uplink.port),
    });
    closers.push(signaling.close);
    const system = await options.taps.tapping(() =>
      startLocalSystem({
        mediaPort,
        cockpitDir: options.pageDir,
        announcedAddresses: [`127.0.0.1:${operator.port}`],
        stamp: true,
        frontFps,
        adjustMachine: (config) => {
          serverUrl = String(config.server_url);
          config.server_url = signaling.url;
          const [front] = config.streams_config as Record<string, unknown>[];
          Object.assign(front ?? {}, scenario.picture, { bps: maxKbps, min_bps: minKbps });
        },
      }),
    );
    closers.push(system.close);
    return { system, uplink, operator, close };
  } catch (error) {
    await close();
    throw error;
  }
}
