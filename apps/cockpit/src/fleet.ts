import type { Gateway } from '@longreach/protocol';
import { css, html, LitElement } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { buttonStyle, theme } from './theme.ts';

/**
 * The fleet as large rows.
 *
 * Properties: `gateways` (undefined while loading), `failure` (text when the list cannot be had).
 * Event `machine-selected` {deviceId}: a machine that is online was chosen.
 */
export class LongreachFleet extends LitElement {
  static override properties = { gateways: { attribute: false }, failure: {} };
  declare gateways: Gateway[] | undefined;
  declare failure: string;

  static override styles = [
    theme,
    buttonStyle,
    css`
      :host {
        display: block;
        max-width: 1200px;
        margin: 0 auto;
        padding: 24px;
      }
      h1 {
        margin: 0 0 16px;
        font-size: 24px;
      }
      ul {
        display: grid;
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .row,
      .head {
        display: grid;
        grid-template-columns: minmax(0, 2.2fr) minmax(0, 1.2fr) 150px 90px 110px 24px;
        gap: 16px;
        align-items: center;
        width: 100%;
        padding: 0 20px;
        text-align: left;
      }
      .head {
        margin-bottom: 8px;
        color: var(--quiet);
        font-size: 14px;
      }
      .row {
        min-height: 76px;
        background: var(--panel);
        font-weight: 400;
      }
      .name {
        display: block;
        overflow: hidden;
        font-size: 20px;
        font-weight: 700;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .id,
      .cell {
        display: block;
        overflow: hidden;
        color: var(--quiet);
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .id {
        font-size: 14px;
      }
      .status {
        display: inline-flex;
        gap: 8px;
        align-items: center;
        font-weight: 700;
      }
      .status::before {
        width: 12px;
        height: 12px;
        border: 2px solid currentColor;
        border-radius: 50%;
        content: '';
      }
      .status[data-status='ready'],
      .status[data-status='connected'] {
        color: var(--good);
      }
      .status[data-status='ready']::before,
      .status[data-status='connected']::before {
        background: currentColor;
      }
      .go {
        color: var(--accent);
        font-size: 28px;
        line-height: 1;
      }
      button:disabled .go {
        visibility: hidden;
      }
      .note {
        padding: 32px 20px;
        border: 1px solid var(--line);
        border-radius: 6px;
        color: var(--quiet);
        font-size: 18px;
      }
      .note.bad {
        color: var(--danger);
      }
      @media (max-width: 900px) {
        .row,
        .head {
          grid-template-columns: minmax(0, 2fr) minmax(0, 1fr) 130px 70px 24px;
        }
        .version {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.failure = '';
  }

  protected override render() {
    return html`<h1>Machines</h1>
      ${this.failure ? html`<p class="note bad" role="alert">${this.failure}</p>` : this.#list()}`;
  }

  #list() {
    if (!this.gateways) return html`<p class="note" role="status">Loading the list…</p>`;
    if (this.gateways.length === 0) {
      return html`<p class="note">No machine is registered for this login.</p>`;
    }
    const sorted = this.gateways.toSorted(
      (a, b) =>
        Number(a.status === 'offline') - Number(b.status === 'offline') ||
        a.deviceName.localeCompare(b.deviceName),
    );
    return html`<div class="head" aria-hidden="true">
        <span>Machine</span><span>Type</span><span>Status</span><span>Streams</span
        ><span class="version">Version</span><span></span>
      </div>
      <ul>
        ${repeat(
          sorted,
          (gateway) => gateway.deviceId,
          (gateway) => html`<li>${this.#row(gateway)}</li>`,
        )}
      </ul>`;
  }

  #row(gateway: Gateway) {
    return html`<button
      type="button"
      class="row"
      data-testid="machine-${gateway.deviceId}"
      aria-label=${`${gateway.deviceName}, ${gateway.deviceType}, ${statusText(gateway.status)}, ${gateway.streamCount} streams`}
      ?disabled=${gateway.status === 'offline'}
      @click=${() => this.#select(gateway.deviceId)}
    >
      <span><span class="name">${gateway.deviceName}</span><span class="id">${gateway.deviceId}</span></span>
      <span class="cell">${gateway.deviceType}</span>
      <span class="status" data-status=${gateway.status}>${statusText(gateway.status)}</span>
      <span class="cell">${gateway.streamCount}</span>
      <span class="cell version">${gateway.version}</span>
      <span class="go" aria-hidden="true">›</span>
    </button>`;
  }

  #select(deviceId: string): void {
    this.dispatchEvent(
      new CustomEvent('machine-selected', { detail: { deviceId }, bubbles: true, composed: true }),
    );
  }
}

function statusText(status: string): string {
  if (status === 'connected') return 'In session';
  return status === 'ready' ? 'Ready' : status === 'offline' ? 'Offline' : status;
}

customElements.define('longreach-fleet', LongreachFleet);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-fleet': LongreachFleet;
  }
}
