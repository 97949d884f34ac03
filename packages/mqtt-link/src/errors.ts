import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';

/** Return codes of CONNACK (MQTT 3.1.1 section 3.2.2.3) that mean something to the caller. */
const connackCodes = { serverUnavailable: 3, badCredentials: 4, notAuthorized: 5 } as const;

/** The error of a refused CONNECT; undefined for a code that only says that there is no link. */
export function refusalOf(returnCode: unknown): LongreachError | undefined {
  switch (returnCode) {
    case connackCodes.badCredentials:
    case connackCodes.notAuthorized:
      return new LongreachError(
        NetworkErrorCode.InvalidUserSignature,
        'the broker refuses this device id and secret',
      );
    case connackCodes.serverUnavailable:
      return new LongreachError(
        NetworkErrorCode.ServerOverload,
        'the broker refuses logins from this address for a while',
        { retryable: true },
      );
    default:
      return undefined;
  }
}
