import { LongreachError } from '@longreach/kit';
import type { z } from 'zod';
import { LocalFrame } from '../local/framing.ts';
import { type GuardRequest, guardHelloSchema, guardRequestSchema } from '../local/messages.ts';
import { decodeVehicleState, type VehicleState } from '../local/vehicle-state.ts';
import { GuardErrorCode } from './errors.ts';
import type { GuardRole } from './guard-connection.ts';

/** What a connection is closed for. */
export function invalidFrame(cause?: unknown): LongreachError {
  return new LongreachError(GuardErrorCode.LocalFrameInvalid, 'a local frame is invalid', {
    cause,
  });
}

/** Reads the first message of a connection. Throws LocalFrameInvalid. */
export function parseHello(type: number, payload: Buffer): GuardRole {
  return parseJson(type, payload, guardHelloSchema).hello;
}

/** Reads a request. Throws LocalFrameInvalid. */
export function parseRequest(type: number, payload: Buffer): GuardRequest {
  return parseJson(type, payload, guardRequestSchema);
}

/** Reads an actuator's state; every number in it is finite. Throws LocalFrameInvalid. */
export function parseVehicleState(payload: Buffer): VehicleState {
  const state = decodeVehicleState(payload);
  if (!state) throw invalidFrame();
  for (const value of Object.values(state)) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalidFrame();
  }
  return state;
}

function parseJson<Output>(type: number, payload: Buffer, schema: z.ZodType<Output>): Output {
  if (type !== LocalFrame.json) throw invalidFrame();
  try {
    return schema.parse(JSON.parse(payload.toString('utf8')));
  } catch (error) {
    throw invalidFrame(error);
  }
}
