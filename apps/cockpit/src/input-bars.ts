import { css, html, LitElement } from 'lit';
import type { InputSample } from './input/input-mix.ts';
import { theme } from './theme.ts';

/**
 * What the operator asks for: steering, drive and brake as bars, and the device in use.
 *
 * Property `sample`. Bars move by transform only, so that a new value costs no layout.
 */
export class LongreachInputBars extends LitElement {
  static override properties = { sample: { attribute: false } };
  declare sample: InputSample;

  static override styles = [
    theme,
    css`
      :host {
        display: grid;
        grid-template-rows: 20px 1fr 1fr 1fr;
        gap: 6px;
        min-width: 0;
        contain: content;
      }
      .device {
        overflow: hidden;
        font-size: 14px;
        line-height: 20px;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .device b {
        color: var(--accent);
      }
      .device b[data-bad] {
        color: var(--warn);
      }
      .bar {
        display: grid;
        grid-template-columns: 64px minmax(0, 1fr);
        gap: 8px;
        align-items: center;
        color: var(--quiet);
        font-size: 13px;
      }
      .track {
        position: relative;
        height: 100%;
        min-height: 14px;
        max-height: 22px;
        overflow: hidden;
        border: 1px solid var(--line);
        border-radius: 3px;
        background: var(--ground);
      }
      .fill {
        position: absolute;
        inset: 0;
        background: var(--accent);
        transform-origin: 0 50%;
      }
      .fill.middle {
        left: 50%;
      }
      .fill.drive {
        background: var(--good);
      }
      .fill.brake {
        background: var(--danger);
      }
      .track.middle::after {
        position: absolute;
        top: 0;
        bottom: 0;
        left: calc(50% - 1px);
        width: 2px;
        background: var(--quiet);
        content: '';
      }
    `,
  ];

  constructor() {
    super();
    this.sample = { steering: 0, drive: 0, brake: 0, device: 'none', gamepad: 'absent' };
  }

  protected override render() {
    const { steering, drive, brake, device, gamepad } = this.sample;
    return html`<div class="device" role="status" data-testid="input-device" data-device=${device}>
        Input: <b ?data-bad=${gamepad === 'lost' || gamepad === 'release first'}>${deviceText(this.sample)}</b>
      </div>
      ${bar('Steering', 'steering-bar', steering, 'middle')}
      ${bar('Drive', 'drive-bar', drive, 'middle drive')}
      ${bar('Brake', 'brake-bar', brake, 'brake')}`;
  }
}

function bar(name: string, testId: string, value: number, kind: string) {
  const isMiddle = kind.includes('middle');
  return html`<div class="bar">
    <span>${name}</span>
    <div
      class="track ${isMiddle ? 'middle' : ''}"
      role="meter"
      aria-label=${name}
      aria-valuemin=${isMiddle ? -100 : 0}
      aria-valuemax="100"
      aria-valuenow=${Math.round(value * 100)}
      data-testid=${testId}
      data-value=${value.toFixed(2)}
    >
      <div class="fill ${kind}" style=${`transform: scaleX(${value.toFixed(3)})`}></div>
    </div>
  </div>`;
}

function deviceText({ device, gamepad }: InputSample): string {
  if (gamepad === 'lost') return 'GAMEPAD LOST, neutral';
  if (gamepad === 'release first' && device !== 'keyboard') return 'gamepad: release it first';
  if (device === 'none') return gamepad === 'ready' ? 'gamepad ready' : 'keyboard ready';
  return device;
}

customElements.define('longreach-input-bars', LongreachInputBars);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-input-bars': LongreachInputBars;
  }
}
