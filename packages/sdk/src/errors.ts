import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode, type RefusalCode } from '@longreach/protocol';

/** Codes after which the same call may succeed later. */
const retryableCodes: ReadonlySet<number> = new Set([
  NetworkErrorCode.NoTrackExists,
  NetworkErrorCode.MediaServerException,
  NetworkErrorCode.UserRepeatedJoin,
  NetworkErrorCode.ServerOverload,
  NetworkErrorCode.UnknownError,
]);

/** A caller's mistake, or something this version does not do. */
export function invalidParameters(message: string): LongreachError {
  return new LongreachError(NetworkErrorCode.InvalidParameters, message);
}

/** The server's refusal of a request. */
export function requestRefused(verb: string, code: number, message: string): LongreachError {
  return new LongreachError(code, `${verb}: ${message}`, {
    retryable: retryableCodes.has(code),
    details: { verb },
  });
}

/** There is no signaling link now; it comes back by itself. */
export function linkDown(): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, 'the signaling link is down', {
    retryable: true,
    details: { reason: 'linkDown' },
  });
}

/** The link's transport would not take a message; the link is about to be replaced. */
export function publishFailed(verb: string): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, `${verb}: it could not be sent`, {
    retryable: true,
    details: { verb, reason: 'publishFailed' },
  });
}

/** The MQTT client, which is loaded only when it is needed, cannot be had. */
export function mqttClientNotFound(cause: unknown): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, 'the MQTT client could not be loaded', {
    retryable: true,
    details: { reason: 'mqttClientNotFound' },
    cause,
  });
}

/** The server did not reply in time. */
export function requestTimedOut(verb: string, timeoutMs: number): LongreachError {
  return new LongreachError(NetworkErrorCode.UnknownError, `${verb}: no reply in ${timeoutMs} ms`, {
    retryable: true,
    details: { verb, reason: 'timeout' },
  });
}

/** No media path came up. */
export function mediaFailed(message: string, cause?: unknown): LongreachError {
  return new LongreachError(NetworkErrorCode.MediaServerException, message, {
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** This machine is not connected by this client. */
export function notConnected(deviceId: string): LongreachError {
  return new LongreachError(NetworkErrorCode.UserNotJoined, `${deviceId} is not connected`);
}

/** The machine is not there now. */
export function machineOffline(deviceId: string): LongreachError {
  return new LongreachError(NetworkErrorCode.SourceUserNotExist, `${deviceId} is offline`, {
    retryable: true,
  });
}

/** The machine has no such stream. */
export function streamNotFound(streamId: number): LongreachError {
  return new LongreachError(NetworkErrorCode.StreamNotFound, `there is no stream ${streamId}`);
}

/** The client itself does not send this command. `details.refusal` says why. */
export function commandNotSent(refusal: RefusalCode, message: string): LongreachError {
  return new LongreachError(NetworkErrorCode.InvalidParameters, message, { details: { refusal } });
}

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
