import { LongreachError } from '@longreach/kit';
import { NetworkErrorCode } from '@longreach/protocol';

/** What a remote device logs in with. */
export type Credentials = { deviceId: string; secret: string };

/** Exchanges a one-time code for credentials; rejects with a catalogue error. */
export type CodeExchange = (code: string) => Promise<Credentials>;

/** Longest wait for the answer to a login code, ms. */
const exchangeTimeoutMs = 8000;

/** The one-time code in a URL fragment (`#code=…`), if there is one. */
export function readLoginCode(fragment: string): string | undefined {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('code');
  return code && /^[A-Za-z0-9._-]{1,256}$/.test(code) ? code : undefined;
}

/** The machine in a URL fragment (`#machine=…`): a reload comes back to it. */
export function readMachine(fragment: string): string | undefined {
  return new URLSearchParams(fragment.replace(/^#/, '')).get('machine') ?? undefined;
}

/** Asks the server that serves this page (`POST /api/login`). */
export const exchangeLoginCode: CodeExchange = async (code) => {
  const response = await fetch('/api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(exchangeTimeoutMs),
  });
  if (!response.ok) {
    throw new LongreachError(
      NetworkErrorCode.InvalidUserSignature,
      'This login code was used already or has expired.',
      { details: { status: response.status } },
    );
  }
  return parseLoginReply(await response.json());
};

/** Reads the reply to a login code; throws a catalogue error for anything else. */
export function parseLoginReply(reply: unknown): Credentials {
  if (typeof reply === 'object' && reply !== null && 'token' in reply && 'deviceId' in reply) {
    const { token, deviceId } = reply;
    if (
      typeof token === 'string' &&
      token !== '' &&
      typeof deviceId === 'string' &&
      deviceId !== ''
    ) {
      return { deviceId, secret: token };
    }
  }
  throw new LongreachError(
    NetworkErrorCode.InvalidJson,
    'The server gave an unreadable login reply.',
  );
}
