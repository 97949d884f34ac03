import {
  type LegSettings,
  type MediaDirection,
  type ProfileName,
  profileOf,
  type RelayCounters,
  startNetemProcess,
} from '@longreach/netem';

/** Which network. */
export type LegOptions = {
  profile: ProfileName;
  /** Which direction carries the pictures. */
  media: MediaDirection;
  /** Of both legs together. */
  roundTripMs: number;
  seed: number;
  mediaPort: number;
};

/** One emulated network in front of the media worker. */
export type Leg = {
  /** Where its client sends to. */
  readonly port: number;
  readonly settings: LegSettings;
  counts(): Promise<RelayCounters>;
  /** Begins the profile's schedules anew, from now on. */
  restart(): Promise<void>;
  /** Only delay from now on. */
  calm(): Promise<void>;
  close(): Promise<void>;
};

/** Starts one leg. */
export async function startLeg(options: LegOptions): Promise<Leg> {
  const { profile, media, roundTripMs, seed } = options;
  const settings = profileOf(profile, { media, roundTripMs, seed });
  const netem = await startNetemProcess({
    to: { address: '127.0.0.1', port: options.mediaPort },
    profile: settings,
  });
  return {
    port: netem.port,
    settings,
    counts: () => netem.counters(),
    restart: () => netem.setProfile(settings),
    calm: () => netem.setProfile(profileOf('clean', { media, roundTripMs, seed })),
    close: () => netem.close(),
  };
}
