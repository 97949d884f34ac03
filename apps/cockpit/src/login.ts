import { css, html, LitElement } from 'lit';
import { buttonStyle, theme } from './theme.ts';

/**
 * Login by device id and key.
 *
 * Properties: `failure` (text of the last failure), `busy`, `canTakeOver` (offers to end the same id's other session).
 * Event `login-submitted` {deviceId, secret, takeOver}.
 */
export class LongreachLogin extends LitElement {
  static override properties = {
    failure: {},
    busy: { type: Boolean },
    canTakeOver: { type: Boolean, attribute: 'can-take-over' },
  };
  declare failure: string;
  declare busy: boolean;
  declare canTakeOver: boolean;

  static override styles = [
    theme,
    buttonStyle,
    css`
      :host {
        display: grid;
        min-height: 100%;
        padding: 24px;
        place-items: center;
      }
      form {
        display: grid;
        gap: 16px;
        width: min(420px, 100%);
        padding: 32px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--panel);
      }
      h1 {
        margin: 0;
        font-size: 26px;
      }
      p {
        margin: 0;
        color: var(--quiet);
      }
      label {
        display: grid;
        gap: 6px;
        font-weight: 600;
      }
      input {
        min-height: 48px;
        padding: 0 12px;
        border: 1px solid var(--quiet);
        border-radius: 6px;
        background: var(--ground);
        color: var(--text);
        font: inherit;
      }
      .failure {
        min-height: 2.6em;
        color: var(--danger);
        font-weight: 600;
      }
      button {
        min-height: 52px;
        font-size: 17px;
      }
    `,
  ];

  constructor() {
    super();
    this.failure = '';
    this.busy = false;
    this.canTakeOver = false;
  }

  protected override render() {
    return html`<form @submit=${this.#handleSubmit}>
      <div>
        <h1>Longreach</h1>
        <p>Operator login</p>
      </div>
      <label>
        Device id
        <input
          name="deviceId"
          data-testid="login-device-id"
          required
          maxlength="128"
          autocomplete="username"
          spellcheck="false"
          autocapitalize="off"
        />
      </label>
      <label>
        Key
        <input
          name="secret"
          type="password"
          data-testid="login-key"
          required
          maxlength="4096"
          autocomplete="current-password"
        />
      </label>
      <p class="failure" role="alert" data-testid="login-failure">${this.failure}</p>
      <button type="submit" class="primary" data-testid="login-submit" ?disabled=${this.busy}>
        ${this.busy ? 'Logging in…' : 'Log in'}
      </button>
      ${
        this.canTakeOver
          ? html`<button type="submit" name="takeOver" data-testid="login-take-over" ?disabled=${this.busy}>
              Log in and end the other session
            </button>`
          : ''
      }
    </form>`;
  }

  #handleSubmit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const data = new FormData(event.target);
    const takeOver = event.submitter?.getAttribute('name') === 'takeOver';
    this.dispatchEvent(
      new CustomEvent('login-submitted', {
        detail: {
          deviceId: String(data.get('deviceId') ?? '').trim(),
          secret: String(data.get('secret') ?? ''),
          takeOver,
        },
        bubbles: true,
        composed: true,
      }),
    );
  }
}

customElements.define('longreach-login', LongreachLogin);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-login': LongreachLogin;
  }
}
