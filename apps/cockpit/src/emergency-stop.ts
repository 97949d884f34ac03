import { css, html, LitElement } from 'lit';
import { buttonStyle, theme } from './theme.ts';

/**
 * The emergency stop: big, red, always there.
 *
 * Attribute `state`: `ready`, `sending` (asked for, not yet confirmed), `active` (the machine confirmed), `failed`.
 * Event `emergency-stop`: pressed. It fires in every state: pressing again must never do nothing.
 */
export class LongreachEmergencyStop extends LitElement {
  static override properties = { state: { type: String, reflect: true } };
  declare state: 'ready' | 'sending' | 'active' | 'failed';

  static override styles = [
    theme,
    buttonStyle,
    css`
      :host {
        display: block;
        min-height: 88px;
        min-width: 88px;
      }
      button {
        width: 100%;
        height: 100%;
        min-height: 88px;
        padding: 4px 8px;
        border: 3px solid var(--stopText);
        border-radius: 10px;
        background: var(--stop);
        color: var(--stopText);
        line-height: 1.15;
      }
      button:hover {
        background: #e81414;
      }
      button:focus-visible {
        outline-width: 4px;
      }
      strong {
        display: block;
        font-size: 22px;
        font-weight: 800;
        letter-spacing: 0.02em;
      }
      small {
        display: block;
        margin-top: 4px;
        font-size: 14px;
        font-weight: 600;
        white-space: nowrap;
      }
      :host([state='active']) small,
      :host([state='failed']) small {
        padding: 1px 4px;
        border-radius: 4px;
        background: var(--stopText);
        color: #a00000;
        font-weight: 800;
      }
    `,
  ];

  constructor() {
    super();
    this.state = 'ready';
  }

  protected override render() {
    return html`<button
      type="button"
      part="button"
      data-testid="estop"
      data-state=${this.state}
      aria-label="Emergency stop"
      aria-describedby="status"
      @pointerdown=${this.#handlePointerDown}
      @click=${this.#handleClick}
    >
      <strong>EMERGENCY<br />STOP</strong>
      <small id="status" role="status">${statusTexts[this.state]}</small>
    </button>`;
  }

  // On press, not on release: a finger that slides off must have stopped the machine already.
  #handlePointerDown(event: PointerEvent): void {
    if (event.button === 0) this.#fire();
  }

  // Keyboards and assistive tools click without a pointer.
  #handleClick(event: MouseEvent): void {
    if (event.detail === 0) this.#fire();
  }

  #fire(): void {
    this.dispatchEvent(new CustomEvent('emergency-stop', { bubbles: true, composed: true }));
  }
}

const statusTexts: Readonly<Record<LongreachEmergencyStop['state'], string>> = {
  ready: 'Esc or Pause',
  sending: 'Sending…',
  active: 'Machine is stopped',
  failed: 'Not confirmed: press again',
};

customElements.define('longreach-emergency-stop', LongreachEmergencyStop);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-emergency-stop': LongreachEmergencyStop;
  }
}
