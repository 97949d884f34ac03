import type { GuardMode, PermissionState } from '@longreach/protocol';
import { css, html, LitElement } from 'lit';
import './emergency-stop.ts';
import './input-bars.ts';
import type { LongreachEmergencyStop } from './emergency-stop.ts';
import type { InputSample } from './input/input-mix.ts';
import { canRearm, guardNotice } from './text/guard-notice.ts';
import { buttonStyle, theme } from './theme.ts';

/**
 * Guard mode, input feedback, control and re-arm buttons, emergency stop.
 *
 * Properties: `guardMode` (undefined without a fresh report), `permission`, `pending` (a request is on its way),
 * `sample` (the operator's input), `message` (one line: a refusal or the outcome of a request), `stopState`.
 * Events: `control-requested`, `control-released`, `rearm-requested`, `emergency-stop`.
 */
export class LongreachControlBar extends LitElement {
  static override properties = {
    guardMode: { attribute: false },
    permission: {},
    pending: { type: Boolean },
    sample: { attribute: false },
    message: {},
    stopState: { attribute: false },
  };
  declare guardMode: GuardMode | undefined;
  declare permission: PermissionState;
  declare pending: boolean;
  declare sample: InputSample;
  declare message: string;
  declare stopState: LongreachEmergencyStop['state'];

  static override styles = [
    theme,
    buttonStyle,
    css`
      :host {
        display: block;
        background: var(--panel);
        border-top: 1px solid var(--line);
        container-type: inline-size;
      }
      .grid {
        display: grid;
        grid-template-areas: 'guard input control rearm stop';
        grid-template-columns: minmax(220px, 1.1fr) minmax(240px, 1.3fr) 170px 130px 230px;
        gap: 12px;
        height: 116px;
        padding: 10px 12px;
      }
      .guard {
        grid-area: guard;
        min-width: 0;
        padding: 8px 14px;
        overflow: hidden;
        border-left: 8px solid var(--quiet);
        border-radius: 6px;
        background: var(--raised);
      }
      .guard[data-tone='good'] {
        border-color: var(--good);
      }
      .guard[data-tone='warn'] {
        border-color: var(--warn);
      }
      .guard[data-tone='danger'] {
        border-color: var(--danger);
      }
      .word {
        display: block;
        font-size: 22px;
        font-weight: 800;
        line-height: 28px;
        white-space: nowrap;
      }
      [data-tone='good'] .word {
        color: var(--good);
      }
      [data-tone='warn'] .word {
        color: var(--warn);
      }
      [data-tone='danger'] .word {
        color: var(--danger);
      }
      .hint,
      .message {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .hint {
        height: 21px;
        white-space: nowrap;
      }
      .message {
        height: 34px;
        color: var(--warn);
        font-size: 13px;
        line-height: 17px;
      }
      longreach-input-bars {
        grid-area: input;
      }
      .control {
        grid-area: control;
      }
      .rearm {
        grid-area: rearm;
      }
      longreach-emergency-stop {
        grid-area: stop;
      }
      .grid > button {
        padding: 0 8px;
        font-size: 17px;
      }
      .grid > button kbd {
        margin-top: 6px;
      }
      .grid > button span {
        display: block;
      }
      .rearm:not(:disabled) {
        border: 2px solid var(--good);
        color: var(--good);
      }
      @container (max-width: 1150px) {
        .grid {
          grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr) 136px 104px 200px;
          gap: 8px;
          padding: 8px;
        }
        .word {
          font-size: 19px;
        }
      }
      @container (max-width: 900px) {
        .grid {
          grid-template-areas: 'guard guard stop' 'input input stop' 'control rearm stop';
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) 280px;
          grid-template-rows: 100px 100px 80px;
          gap: 12px;
          height: 328px;
          padding: 12px;
        }
        .word {
          font-size: 24px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.permission = 'guest';
    this.pending = false;
    this.message = '';
    this.stopState = 'ready';
    this.sample = { steering: 0, drive: 0, brake: 0, device: 'none', gamepad: 'absent' };
  }

  protected override render() {
    const notice = guardNotice(this.guardMode, this.permission);
    return html`<div class="grid">
      <div class="guard" data-tone=${notice.tone}>
        <div role="status">
          <span class="word" data-testid="guard-mode" data-mode=${this.guardMode ?? ''}>${notice.word}</span>
          <span class="hint" data-testid="guard-hint">${notice.hint}</span>
        </div>
        <span class="message" role="status" data-testid="message">${this.message}</span>
      </div>
      <longreach-input-bars .sample=${this.sample}></longreach-input-bars>
      ${this.#controlButton()}
      <button
        type="button"
        class="rearm"
        data-testid="rearm"
        ?disabled=${!canRearm(this.guardMode, this.permission)}
        @click=${() => this.#fire('rearm-requested')}
      >
        <span>Re-arm</span><kbd aria-hidden="true">R</kbd>
      </button>
      <longreach-emergency-stop .state=${this.stopState}></longreach-emergency-stop>
    </div>`;
  }

  #controlButton() {
    const isMaster = this.permission === 'master';
    return html`<button
      type="button"
      class="control ${isMaster ? '' : 'primary'}"
      data-testid=${isMaster ? 'release-control' : 'request-control'}
      ?disabled=${this.pending}
      @click=${() => this.#fire(isMaster ? 'control-released' : 'control-requested')}
    >
      <span>${isMaster ? 'Release control' : 'Request control'}</span><kbd aria-hidden="true">C</kbd>
    </button>`;
  }

  #fire(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}

customElements.define('longreach-control-bar', LongreachControlBar);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-control-bar': LongreachControlBar;
  }
}
