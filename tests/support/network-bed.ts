import { rm } from 'node:fs/promises';
import { createRelay, type Relay } from '@longreach/netem';
import type { Browser } from 'playwright-core';
import {
  freeUdpPort,
  type LocalSystem,
  startLocalSystem,
} from '../../scripts/local/local-system.ts';
import { buildPage } from '../bench/latency/build-page.ts';
import { launchChromium } from './browser.ts';
import { NetworkPage } from './network-page.ts';
import { createSignalingPath, type SignalingPath, withCandidatePort } from './signaling-path.ts';
import { VehicleObserver } from './vehicle-observer.ts';

/** A system whose legs are emulated networks, perfect at first, and a browser. */
export type NetworkBed = {
  readonly system: LocalSystem;
  readonly vehicle: VehicleObserver;
  /** Machine to worker. */
  readonly uplink: Relay;
  /** Worker to the operator's browser. */
  readonly operator: Relay;
  /** Worker to a guest's browser. */
  readonly guest: Relay;
  /** `operator-1` drives, through the leg of the operator. */
  openOperator(player: string): Promise<NetworkPage>;
  /** `operator-2` watches, through the leg of the guest. */
  openGuest(player: string): Promise<NetworkPage>;
  close(): Promise<void>;
};

/** Rates of the front camera, kbit/s. */
export const frontKbps = { most: 2500, least: 200 } as const;

/** Starts everything; nothing is open in the browser yet. */
export async function startNetworkBed(): Promise<NetworkBed> {
  const closers: Array<() => unknown> = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const bed = await startParts((closer) => closers.push(closer));
    return { ...bed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  onClose: (closer: () => unknown) => void,
): Promise<Omit<NetworkBed, 'close'>> {
  const mediaPort = await freeUdpPort();
  const startLeg = async () => {
    const relay = await createRelay({ to: { address: '127.0.0.1', port: mediaPort } });
    onClose(() => relay.close());
    return relay;
  };
  const [uplink, operator, guest] = [await startLeg(), await startLeg(), await startLeg()];
  let serverUrl = '';
  // The worker announces one address to everybody: the others' is put in on the way.
  const startPath = async (relay: Relay) => {
    const path = await createSignalingPath({
      serverUrl: () => serverUrl,
      rewrite: (text) => withCandidatePort(text, operator.port, relay.port),
    });
    onClose(() => path.close());
    return path;
  };
  const [machinePath, guestPath] = [await startPath(uplink), await startPath(guest)];
  const pageDir = await buildPage(new URL('../bench/network/page', import.meta.url));
  onClose(() => rm(pageDir, { recursive: true, force: true }));
  const system = await startLocalSystem({
    mediaPort,
    cockpitDir: pageDir,
    announcedAddresses: [`127.0.0.1:${operator.port}`],
    stamp: true,
    adjustMachine: (config) => {
      serverUrl = String(config.server_url);
      config.server_url = machinePath.url;
      const [front] = config.streams_config as Record<string, unknown>[];
      Object.assign(front ?? {}, { bps: frontKbps.most, min_bps: frontKbps.least });
    },
  });
  onClose(() => system.close());
  const browser = await launchChromium();
  onClose(() => browser.close());
  const vehicle = await VehicleObserver.connect(system.agent.runtimeDir);
  onClose(() => vehicle.close());
  return {
    ...{ system, vehicle, uplink, operator, guest },
    openOperator: (player) => openPage(browser, system, { player, operator: 'operator-1' }),
    openGuest: (player) => openPage(browser, system, { player, operator: 'operator-2' }, guestPath),
  };
}

function openPage(
  browser: Browser,
  system: LocalSystem,
  values: { player: string; operator: string },
  path?: SignalingPath,
): Promise<NetworkPage> {
  const options = new URLSearchParams({
    ...values,
    machine: system.machineId,
    key: system.operatorKeys.get(values.operator) ?? '',
    width: '1280',
    height: '720',
    ...(path ? { signaling: path.url, drive: 'no' } : {}),
  });
  return NetworkPage.open(browser, `${system.server.url}/#${options}`);
}
