import { createRelay } from '@longreach/netem';
import { createSignalingPath, withCandidatePort } from './signaling-path.ts';

/** The network between one machine and its server: signaling and media, cut and restored together. */
export type MachinePath = {
  /** Where the machine finds the "server". */
  url: string;
  /** From now on nothing gets through in either direction, and nobody is told. */
  cut(): void;
  /** Lets everything pass again. */
  restore(): void;
  close(): Promise<void>;
};

/** Where a machine's traffic goes to. */
export type MachinePathOptions = {
  /** Signaling endpoint of the server; asked for at each new link. */
  serverUrl: () => string;
  /** Media port that the server announces in its answers. */
  announcedPort: number;
  /** The worker's real media port. */
  mediaPort: number;
};

/** Puts a path that can be cut in front of the server; answers that pass name the path's own media port. */
export async function createMachinePath(options: MachinePathOptions): Promise<MachinePath> {
  const { serverUrl, announcedPort, mediaPort } = options;
  const relay = await createRelay({ to: { address: '127.0.0.1', port: mediaPort } });
  const signaling = await createSignalingPath({
    serverUrl,
    rewrite: (text) => withCandidatePort(text, announcedPort, relay.port),
  });
  return {
    url: signaling.url,
    cut: () => {
      signaling.cut();
      relay.cut();
    },
    restore: () => {
      signaling.restore();
      relay.restore();
    },
    close: async () => {
      await Promise.all([signaling.close(), relay.close()]);
    },
  };
}
