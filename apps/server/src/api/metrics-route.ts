import { createHash, timingSafeEqual } from 'node:crypto';
import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import type { FastifyInstance } from 'fastify';
import { metricsTokenOf } from '../config/metrics-config.ts';
import type { ApiServices } from './api-services.ts';

/** GET /metrics in Prometheus' text format, for who shows the configured token as bearer; without one there is no such route. */
export function addMetrics(app: FastifyInstance, { config, metrics }: ApiServices): void {
  if (config.metrics === undefined || metrics === undefined) return;
  const expected = digestOf(metricsTokenOf(config.metrics));
  app.get('/metrics', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const shown = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    // Digests: equally long, and their comparison tells nothing of the token by its time.
    if (!timingSafeEqual(digestOf(shown), expected)) {
      reply.header('www-authenticate', 'Bearer');
      throw new LongreachError(
        NetworkErrorCode.InvalidUserSignature,
        'the metrics token is needed',
      );
    }
    const text = await metrics.text();
    return reply.type(metrics.contentType).send(text);
  });
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
