import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { StartError, StartErrorCode } from '../start-error.ts';

/** Files whose name holds a digest of their content never change. */
const hashedName = /-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

/** Serves the built cockpit at `/`. Rejects with StartError when its folder is not there. */
export async function addCockpit(app: FastifyInstance, dir: string | undefined): Promise<void> {
  if (dir === undefined) return;
  const root = resolve(dir);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StartError(
      StartErrorCode.ConfigInvalid,
      `configuration: cockpitDir: ${root} is not a folder (was the cockpit built?)`,
    );
  }
  await app.register(fastifyStatic, {
    root,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      const isHashed = path.includes('/assets/') && hashedName.test(path);
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
