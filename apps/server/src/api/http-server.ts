import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';
import fastify, { type FastifyInstance } from 'fastify';
import type { ApiServices } from './api-services.ts';
import { addCockpit } from './cockpit.ts';
import { addLogin } from './login-route.ts';
import { addMetrics } from './metrics-route.ts';
import { addRooms } from './rooms-route.ts';
import { addSafeHeaders } from './safe-headers.ts';

/** Largest body of a request, bytes: there are only small ones. */
const bodyLimitBytes = 4 * 1024;
const requestTimeoutMs = 10_000;

/** Builds the HTTP server with all its routes; the caller listens and closes. */
export async function createHttpServer(services: ApiServices): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    logger: false,
  });
  app.server.maxConnections = services.config.limits.connections;
  addSafeHeaders(app);
  addErrors(app);
  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok', nodeId: services.config.nodeId };
  });
  addLogin(app, services);
  addRooms(app, services);
  addMetrics(app, services);
  await addCockpit(app, services.config.cockpitDir);
  return app;
}

/** Every error as `{code, message}`; what is not ours tells nothing of the inside. */
function addErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, _request, reply) => {
    if (error instanceof LongreachError) {
      return reply
        .code(httpStatusOf(error.code))
        .send({ code: error.code, message: error.message });
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const isBad = status >= 400 && status < 500;
    const code = isBad ? NetworkErrorCode.InvalidParameters : NetworkErrorCode.UnknownError;
    const message = isBad ? 'the request is not as it should be' : 'the server failed';
    return reply.code(isBad ? status : 500).send({ code, message });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: NetworkErrorCode.InvalidParameters, message: 'not found' }),
  );
}

function httpStatusOf(code: number): number {
  switch (code) {
    case NetworkErrorCode.InvalidUserSignature:
      return 401;
    case NetworkErrorCode.ServerOverload:
      return 429;
    case NetworkErrorCode.InvalidParameters:
      return 400;
    default:
      return 500;
  }
}
