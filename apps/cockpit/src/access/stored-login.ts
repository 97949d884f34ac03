import type { Credentials } from './login-code.ts';

const storageKey = 'longreach.login';

/** The part of `Storage` that is needed. */
export type LoginStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Keeps a login for this tab only (`sessionStorage`), so that a reload needs no new code. */
export class StoredLogin {
  readonly #storage: LoginStorage;

  constructor(storage: LoginStorage) {
    this.#storage = storage;
  }

  /** The kept login, if there is a readable one. */
  read(): Credentials | undefined {
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(storageKey) ?? 'null');
      if (typeof kept !== 'object' || kept === null) return undefined;
      if (!('deviceId' in kept && 'secret' in kept)) return undefined;
      const { deviceId, secret } = kept;
      return typeof deviceId === 'string' && typeof secret === 'string'
        ? { deviceId, secret }
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps a login. A browser that forbids storage loses only the comfort. */
  write(credentials: Credentials): void {
    try {
      this.#storage.setItem(storageKey, JSON.stringify(credentials));
    } catch {
      // Storage is full or forbidden: the operator types the key again after a reload.
    }
  }

  /** Forgets the login. */
  clear(): void {
    try {
      this.#storage.removeItem(storageKey);
    } catch {
      // Nothing was kept.
    }
  }
}
