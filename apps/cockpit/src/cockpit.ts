import type { Unsubscribe } from '@longreach/kit';
import type { Gateway } from '@longreach/protocol';
import type { LongreachClientApi } from '@longreach/sdk';
import { css, html, LitElement, type PropertyValues } from 'lit';
import './drive.ts';
import './fleet.ts';
import './login.ts';
import {
  type CodeExchange,
  type Credentials,
  exchangeLoginCode,
  readLoginCode,
  readMachine,
} from './access/login-code.ts';
import { loginFailure } from './access/login-failure.ts';
import { StoredLogin } from './access/stored-login.ts';
import { buttonStyle, theme } from './theme.ts';

/** Pause before logging in again by itself, ms. */
const loginAgainMs = 1500;

type Phase =
  | { name: 'login'; busy: boolean; failure: string; canTakeOver: boolean }
  | { name: 'fleet' }
  | { name: 'drive'; deviceId: string };

/**
 * The whole cockpit: login, fleet, driving view.
 *
 * Properties: `client` (not yet logged in), `codeExchange` (turns the one-time code of `#code=…` into a login;
 * default: `POST /api/login`). It keeps the machine in the fragment (`#machine=…`), so that a reload comes back to it.
 */
export class LongreachCockpit extends LitElement {
  static override properties = {
    client: { attribute: false },
    codeExchange: { attribute: false },
    phase: { state: true },
    gateways: { state: true },
    fleetFailure: { state: true },
  };
  declare client: LongreachClientApi | undefined;
  declare codeExchange: CodeExchange;
  declare private phase: Phase;
  declare private gateways: Gateway[] | undefined;
  declare private fleetFailure: string;

  static override styles = [
    theme,
    buttonStyle,
    css`
      :host {
        display: block;
        height: 100dvh;
        overflow: auto;
        background: var(--ground);
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: center;
        height: 60px;
        padding: 0 24px;
        background: var(--panel);
        border-bottom: 1px solid var(--line);
      }
      header b {
        font-size: 20px;
      }
      header span {
        margin-right: 16px;
        color: var(--quiet);
      }
    `,
  ];

  readonly #stored = new StoredLogin(window.sessionStorage);
  readonly #subscriptions: Unsubscribe[] = [];
  #operatorId = '';
  #loginTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.codeExchange = exchangeLoginCode;
    this.phase = { name: 'login', busy: true, failure: '', canTakeOver: false };
    this.fleetFailure = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('hashchange', this.#handleFragment);
    this.requestUpdate('client');
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.#handleFragment);
    clearTimeout(this.#loginTimer);
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('client') && this.client && this.isConnected) this.#start(this.client);
  }

  protected override render() {
    const { phase } = this;
    switch (phase.name) {
      case 'login':
        return html`<longreach-login
          .busy=${phase.busy}
          .failure=${phase.failure}
          .canTakeOver=${phase.canTakeOver}
          @login-submitted=${this.#handleSubmit}
        ></longreach-login>`;
      case 'fleet':
        return html`<header>
            <b>Longreach</b>
            <div>
              <span>${this.#operatorId}</span>
              <button type="button" data-testid="logout" @click=${this.#logout}>Log out</button>
            </div>
          </header>
          <longreach-fleet
            .gateways=${this.gateways}
            .failure=${this.fleetFailure}
            @machine-selected=${(event: CustomEvent<{ deviceId: string }>) =>
              this.#openMachine(event.detail.deviceId)}
          ></longreach-fleet>`;
      case 'drive':
        return html`<longreach-drive
          .client=${this.client}
          .deviceId=${phase.deviceId}
          .operatorId=${this.#operatorId}
          .machineName=${this.#nameOf(phase.deviceId)}
          @leave-requested=${this.#openFleet}
        ></longreach-drive>`;
    }
  }

  #start(client: LongreachClientApi): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#subscriptions.push(
      client.on('gatewayListChanged', (gateways) => {
        this.gateways = gateways;
        this.fleetFailure = '';
      }),
      client.on('kickedOut', ({ reason }) => this.#showLogin(`Logged out: ${reason}`)),
      client.on('signalingStateChanged', ({ state, roomId }) => {
        // With a room: only that machine's signaling ended.
        if (roomId === '' && state === 'closed' && this.phase.name !== 'login')
          this.#handleSessionEnd();
      }),
    );
    if (this.#handleFragment()) return;
    const kept = this.#stored.read();
    // A reload may be faster than the server notices that the old page is gone: the older login of this tab yields.
    if (kept) void this.#login(kept, 1);
    else this.#showLogin('');
  }

  /** Takes a login code out of the address bar and uses it; says whether there was one. */
  readonly #handleFragment = (): boolean => {
    const code = readLoginCode(location.hash);
    if (code === undefined) return false;
    setFragment(readMachine(location.hash));
    void this.#loginByCode(code);
    return true;
  };

  async #loginByCode(code: string): Promise<void> {
    this.phase = { name: 'login', busy: true, failure: '', canTakeOver: false };
    try {
      await this.#login(await this.codeExchange(code), 1);
    } catch (error) {
      this.#showLogin(error instanceof Error ? error.message : String(error));
    }
  }

  async #login(credentials: Credentials, forceLogin: 0 | 1): Promise<void> {
    if (!this.client) return;
    clearTimeout(this.#loginTimer);
    this.phase = { name: 'login', busy: true, failure: '', canTakeOver: false };
    try {
      await this.client.login({ ...credentials, forceLogin });
    } catch (error) {
      const { text, canTakeOver, forget, again } = loginFailure(error);
      if (forget) this.#stored.clear();
      this.#showLogin(text, canTakeOver);
      if (again) this.#loginLater(credentials, forceLogin);
      return;
    }
    this.#operatorId = credentials.deviceId;
    this.#stored.write(credentials);
    const machine = readMachine(location.hash);
    if (machine) this.#openMachine(machine);
    else this.#openFleet();
    await this.#loadFleet();
  }

  async #loadFleet(): Promise<void> {
    try {
      this.gateways = await this.client?.getGatewayList();
      this.fleetFailure = '';
    } catch (error) {
      this.fleetFailure = `The list could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  readonly #handleSubmit = (
    event: CustomEvent<{ deviceId: string; secret: string; takeOver: boolean }>,
  ): void => {
    const { deviceId, secret, takeOver } = event.detail;
    void this.#login({ deviceId, secret }, takeOver ? 1 : 0);
  };

  readonly #logout = (): void => {
    this.#stored.clear();
    this.gateways = undefined;
    this.#showLogin('');
    this.client?.logout().catch(() => {
      // The server ends a silent session by itself.
    });
  };

  readonly #openFleet = (): void => {
    setFragment(undefined);
    this.phase = { name: 'fleet' };
  };

  #openMachine(deviceId: string): void {
    setFragment(deviceId);
    this.phase = { name: 'drive', deviceId };
  }

  /** The session is over for good (the server may have lost its memory): the kept login may open a new one. */
  #handleSessionEnd(): void {
    this.#showLogin('The session ended.');
    const kept = this.#stored.read();
    if (kept) this.#loginLater(kept, 1);
  }

  #loginLater(credentials: Credentials, forceLogin: 0 | 1): void {
    this.#loginTimer = setTimeout(() => this.#login(credentials, forceLogin), loginAgainMs);
  }

  #showLogin(failure: string, canTakeOver = false): void {
    clearTimeout(this.#loginTimer);
    this.phase = { name: 'login', busy: false, failure, canTakeOver };
  }

  #nameOf(deviceId: string): string {
    return this.gateways?.find((gateway) => gateway.deviceId === deviceId)?.deviceName ?? deviceId;
  }
}

/** Replaces the fragment without a new entry in the history: a code must not be found there. */
function setFragment(machine: string | undefined): void {
  const fragment = machine === undefined ? '' : `#${new URLSearchParams({ machine })}`;
  history.replaceState(null, '', location.pathname + location.search + fragment);
}

customElements.define('longreach-cockpit', LongreachCockpit);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-cockpit': LongreachCockpit;
  }
}
