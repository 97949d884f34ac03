import type { StreamFigures } from '@longreach/sdk';
import { css, html, LitElement } from 'lit';
import { directionOf, formatFigure, formatSpeed, formatUncertainty } from './text/figure-format.ts';
import { latencyRegime } from './text/latency-regime.ts';
import { theme } from './theme.ts';

/**
 * The head-up figures in cells of fixed size.
 *
 * Properties, each undefined while unknown: `figures` (of the main picture), `speedMps` (negative is reverse),
 * `loopAgeMs`, `rttMs`. It renders when they change; the owner sets them at most ten times a second.
 */
export class LongreachHud extends LitElement {
  static override properties = {
    figures: { attribute: false },
    speedMps: { attribute: false },
    loopAgeMs: { attribute: false },
    rttMs: { attribute: false },
  };
  declare figures: StreamFigures | undefined;
  declare speedMps: number | undefined;
  declare loopAgeMs: number | undefined;
  declare rttMs: number | undefined;

  static override styles = [
    theme,
    css`
      :host {
        display: block;
        background: var(--panel);
        contain: content;
        container-type: inline-size;
      }
      dl {
        display: grid;
        grid-template-columns: 190px 270px repeat(6, minmax(0, 1fr));
        height: 72px;
        margin: 0;
      }
      div {
        min-width: 0;
        padding: 8px 14px;
        overflow: hidden;
        border-left: 1px solid var(--line);
        white-space: nowrap;
      }
      div:first-child {
        border-left: 0;
      }
      dt {
        color: var(--quiet);
        font-size: 13px;
        line-height: 16px;
      }
      dd {
        display: flex;
        gap: 6px;
        align-items: baseline;
        margin: 0;
        font-size: 26px;
        font-weight: 700;
        line-height: 40px;
      }
      small {
        color: var(--quiet);
        font-size: 14px;
        font-weight: 400;
      }
      .speed dt {
        display: flex;
        justify-content: space-between;
      }
      .speed dd {
        font-size: 44px;
      }
      .speed .value {
        min-width: 2.5em;
        text-align: right;
      }
      .latency .value {
        min-width: 1.9em;
        text-align: right;
      }
      .uncertainty {
        min-width: 3.2em;
      }
      .regime {
        margin-left: auto;
        padding: 0 10px;
        border-radius: 5px;
        font-size: 16px;
        font-weight: 800;
        line-height: 28px;
        text-transform: uppercase;
      }
      .regime[data-tone='good'] {
        background: var(--good);
        color: var(--ink);
      }
      .regime[data-tone='accent'] {
        background: var(--accent);
        color: var(--ink);
      }
      .regime[data-tone='warn'] {
        background: var(--warn);
        color: var(--ink);
      }
      .regime[data-tone='danger'] {
        background: var(--danger);
        color: var(--ink);
      }
      .value[data-tone='warn'] {
        color: var(--warn);
      }
      .value[data-tone='danger'] {
        color: var(--danger);
      }
      @container (min-width: 1700px) {
        dl {
          grid-template-columns: 240px 360px repeat(6, minmax(0, 1fr));
          height: 84px;
        }
        dd {
          font-size: 34px;
          line-height: 50px;
        }
        .speed dd {
          font-size: 54px;
        }
        dt,
        small {
          font-size: 16px;
        }
      }
      @container (max-width: 1150px) {
        dl {
          grid-template-columns: 164px 240px repeat(6, minmax(0, 1fr));
        }
        div {
          padding: 8px;
        }
        dd {
          font-size: 20px;
        }
        .speed dd {
          font-size: 38px;
        }
      }
      @container (max-width: 900px) {
        dl {
          grid-template-columns: repeat(6, minmax(0, 1fr));
          height: 148px;
        }
        .speed,
        .latency {
          grid-column: span 3;
          border-bottom: 1px solid var(--line);
        }
        dd {
          font-size: 24px;
        }
        .speed dd {
          font-size: 44px;
        }
        .loop {
          border-left: 0;
        }
      }
    `,
  ];

  protected override render() {
    const { figures } = this;
    const direction = directionOf(this.speedMps);
    return html`<dl aria-label="Figures">
      <div class="speed">
        <dt>Speed<span>${direction}</span></dt>
        <dd>
          <span
            class="value"
            data-testid="speed"
            data-mps=${this.speedMps ?? ''}
            >${formatSpeed(this.speedMps)}</span
          ><small>km/h</small>
        </dd>
      </div>
      ${this.#latency()}
      ${cell('Loop age', 'loop-age', formatFigure(this.loopAgeMs), 'ms', loopTone(this.loopAgeMs), 'loop')}
      ${cell('Frames', 'fps', formatFigure(figures?.fps), '/s')}
      ${cell('Bitrate', 'bitrate', formatFigure(figures?.bitrateMbps, 1), 'Mbps')}
      ${cell('Loss', 'loss', formatFigure(figures?.lostPct, 1), '%', (figures?.lostPct ?? 0) > 5 ? 'warn' : '')}
      ${cell('Freezes', 'freezes', formatFigure(figures?.freezes), '', (figures?.lag150Pct ?? 0) > 1 ? 'warn' : '')}
      ${cell('Round trip', 'rtt', formatFigure(this.rttMs), 'ms')}
    </dl>`;
  }

  #latency() {
    const latencyMs = this.figures?.latencyMs;
    const regime = latencyRegime(latencyMs);
    return html`<div class="latency">
      <dt>Latency</dt>
      <dd>
        <span class="value" data-testid="latency" data-ms=${latencyMs ?? ''}
          >${formatFigure(latencyMs)}</span
        ><small class="uncertainty">${formatUncertainty(this.figures?.latencyUncertaintyMs)} ms</small>
        ${
          regime
            ? html`<span class="regime" data-testid="regime" data-tone=${regime.tone}>${regime.word}</span>`
            : ''
        }
      </dd>
    </div>`;
  }
}

function cell(
  name: string,
  testId: string,
  value: string,
  unit: string,
  tone: 'warn' | 'danger' | '' = '',
  kind = '',
) {
  return html`<div class=${kind}>
    <dt>${name}</dt>
    <dd>
      <span class="value" data-testid=${testId} data-tone=${tone}>${value}</span><small>${unit}</small>
    </dd>
  </div>`;
}

/** The machine brakes at 500 ms. */
function loopTone(loopAgeMs: number | undefined): 'warn' | 'danger' | '' {
  if (loopAgeMs === undefined || loopAgeMs <= 250) return '';
  return loopAgeMs > 500 ? 'danger' : 'warn';
}

customElements.define('longreach-hud', LongreachHud);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-hud': LongreachHud;
  }
}
