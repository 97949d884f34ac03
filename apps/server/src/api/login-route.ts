import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseBody } from '../signaling/envelope.ts';
import type { ApiServices } from './api-services.ts';

const loginBodySchema = z.strictObject({ code: z.string().min(1).max(128) });

/** POST /api/login {code} → {token, deviceId, expiresInS}: a one-time code for a login token. */
export function addLogin(app: FastifyInstance, { accounts }: ApiServices): void {
  app.post('/api/login', async (request, reply) => {
    const { code } = parseBody(loginBodySchema, request.body);
    reply.header('cache-control', 'no-store');
    return accounts.redeemLoginCode(code, request.ip);
  });
}
