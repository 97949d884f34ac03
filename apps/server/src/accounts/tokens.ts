import { type DeviceId, deviceIdSchema } from '@longreach/protocol';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

const issuer = 'longreach';
const algorithm = 'HS256';

/** What a resume token says: the session, and which of its tokens this is. */
export type ResumeClaim = { sessionId: string; generation: number };

/**
 * Signs and reads the server's own tokens. A login token lives for a fixed time. A resume token has no
 * expiry of its own: it is good while its session lives, and a session lives a few seconds without a sign.
 */
export class Tokens {
  readonly #key: Uint8Array;
  readonly #loginLifeS: number;
  readonly #now: () => Date;

  constructor(options: { secret: string; loginLifeS: number; now?: () => Date }) {
    this.#key = new TextEncoder().encode(options.secret);
    this.#loginLifeS = options.loginLifeS;
    this.#now = options.now ?? (() => new Date());
  }

  /** A remote device's login token. */
  async signLogin(deviceId: DeviceId): Promise<{ token: string; expiresInS: number }> {
    const nowS = Math.floor(this.#now().getTime() / 1_000);
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(issuer)
      .setAudience('login')
      .setSubject(deviceId)
      .setIssuedAt(nowS)
      .setExpirationTime(nowS + this.#loginLifeS)
      .sign(this.#key);
    return { token, expiresInS: this.#loginLifeS };
  }

  /** Whose login token this is, or undefined for anything that is none now. */
  async verifyLogin(token: string): Promise<DeviceId | undefined> {
    return this.#readLogin(token, this.#now());
  }

  /** Whose login token this is, or was before it expired. */
  async verifyPastLogin(token: string): Promise<DeviceId | undefined> {
    return this.#readLogin(token, new Date(0));
  }

  async #readLogin(token: string, now: Date): Promise<DeviceId | undefined> {
    const payload = await this.#verify(token, 'login', now);
    if (payload?.exp === undefined) return undefined;
    return deviceIdSchema.safeParse(payload.sub).data;
  }

  /** The token that continues a session. */
  signResume(claim: ResumeClaim): Promise<string> {
    return new SignJWT({ gen: claim.generation })
      .setProtectedHeader({ alg: algorithm })
      .setIssuer(issuer)
      .setAudience('resume')
      .setSubject(claim.sessionId)
      .sign(this.#key);
  }

  /** What a resume token says, or undefined when we did not sign it. */
  async verifyResume(token: string): Promise<ResumeClaim | undefined> {
    const payload = await this.#verify(token, 'resume', this.#now());
    const generation = payload?.gen;
    if (payload?.sub === undefined || typeof generation !== 'number') return undefined;
    return { sessionId: payload.sub, generation };
  }

  async #verify(token: string, audience: string, now: Date): Promise<JWTPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        issuer,
        audience,
        algorithms: [algorithm],
        currentDate: now,
      });
      return payload;
    } catch {
      return undefined;
    }
  }
}
