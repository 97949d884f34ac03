import type { Diagnosis, LongreachClientApi } from '@longreach/sdk';
import { html, LitElement, type PropertyValues, unsafeCSS } from 'lit';
import plotStyle from 'uplot/dist/uPlot.min.css?inline';
import { buttonStyle, theme } from '../theme.ts';
import { drawChart } from './chart-plot.ts';
import { chartsOf } from './charts.ts';
import { panelStyle } from './diagnosis-panel.style.ts';
import { type ChartImage, reportHtml } from './report-html.ts';
import { evidenceText, reportFileName, stageName } from './verdict-text.ts';

type Finding = Diagnosis['verdict']['findings'][number];
type State =
  | { name: 'running' }
  | { name: 'done'; diagnosis: Diagnosis; at: Date }
  | { name: 'failed'; message: string };

const leastWidthPx = 280;

/**
 * Who is to blame: begins a diagnosis when it is shown, and shows what it said with plots of the figures.
 *
 * Properties: `client`, `deviceId`, `present` (a diagnosis to show instead of a new one).
 * Event `close-requested`.
 */
export class LongreachDiagnosis extends LitElement {
  static override properties = {
    client: { attribute: false },
    deviceId: { attribute: 'device-id' },
    present: { attribute: false },
  };
  declare client: LongreachClientApi | undefined;
  declare deviceId: string;
  declare present: Diagnosis | undefined;

  static override styles = [theme, buttonStyle, unsafeCSS(plotStyle), panelStyle];

  #state: State = { name: 'running' };
  #run = 0;
  #plots: Array<{ title: string; plot: ReturnType<typeof drawChart> }> = [];

  constructor() {
    super();
    this.deviceId = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#run += 1;
    this.#clearPlots();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('client') || changed.has('deviceId') || changed.has('present')) this.#begin();
  }

  protected override render() {
    const isDone = this.#state.name === 'done';
    return html`<header>
        <h2>Diagnosis</h2>
        <button type="button" data-testid="diagnose-again" ?disabled=${this.#state.name === 'running'} @click=${() => void this.#diagnose()}>
          Again
        </button>
        <button type="button" data-testid="save-json" ?disabled=${!isDone} @click=${() => this.#save('json')}>Save JSON</button>
        <button type="button" data-testid="save-html" ?disabled=${!isDone} @click=${() => this.#save('html')}>Save page</button>
        <button type="button" data-testid="close-diagnosis" aria-label="Close the diagnosis" @click=${this.#close}>✕</button>
      </header>
      <div class="body" role="status">${this.#content()}</div>`;
  }

  #content() {
    const state = this.#state;
    if (state.name === 'running')
      return html`<p data-testid="diagnosis-running">Collecting figures…</p>`;
    if (state.name === 'failed') return html`<p role="alert">No diagnosis: ${state.message}</p>`;
    const { verdict } = state.diagnosis;
    const [first] = verdict.findings;
    return html`<div class="verdict" data-testid="verdict" data-stage=${verdict.stage}>
        <b>${stageName(verdict.stage)}</b>
        ${first ? html`${first.summary}. ${first.advice}` : 'Nobody is to blame.'}
        <div class="evidence">Confidence ${Math.round(100 * verdict.confidence)} %</div>
      </div>
      ${this.#findings('Findings', verdict.findings)}
      ${this.#findings('What follows from them', verdict.consequences)}
      ${this.#findings('Seen, and blamed on nobody', verdict.remarks)}
      ${state.diagnosis.streams.map(
        ({ streamId }) => html`<h3>Stream ${streamId}</h3>
          <div class="charts" data-stream=${streamId}></div>`,
      )}`;
  }

  #findings(title: string, findings: readonly Finding[]) {
    if (findings.length === 0) return '';
    return html`<h3>${title}</h3>
      <ul>
        ${findings.map(
          ({ stage, summary, evidence }) =>
            html`<li>
              ${stageName(stage)}: ${summary}
              <div class="evidence">${evidence.map((one) => html`<div>${evidenceText(one)}</div>`)}</div>
            </li>`,
        )}
      </ul>`;
  }

  #begin(): void {
    if (this.present) this.#show({ name: 'done', diagnosis: this.present, at: new Date() });
    else void this.#diagnose();
  }

  async #diagnose(): Promise<void> {
    const { client, deviceId } = this;
    if (!client || !deviceId) return;
    this.#run += 1;
    const run = this.#run;
    this.#show({ name: 'running' });
    const state = await client.startDiagnosis(deviceId).then(
      (diagnosis): State => ({ name: 'done', diagnosis, at: new Date() }),
      (error: Error): State => ({ name: 'failed', message: error.message }),
    );
    if (run === this.#run) this.#show(state);
  }

  #show(state: State): void {
    this.#state = state;
    this.#clearPlots();
    this.requestUpdate();
    if (state.name === 'done') void this.updateComplete.then(() => this.#draw(state.diagnosis));
  }

  #draw({ streams }: Diagnosis): void {
    this.#clearPlots();
    for (const stream of streams) {
      const parent = this.renderRoot.querySelector<HTMLElement>(
        `[data-stream="${stream.streamId}"]`,
      );
      if (!parent) continue;
      const widthPx = Math.max(leastWidthPx, parent.clientWidth);
      for (const chart of chartsOf(stream)) {
        const title = `Stream ${stream.streamId}: ${chart.title} (${chart.unit})`;
        this.#plots.push({ title, plot: drawChart(chart, parent, widthPx) });
      }
    }
  }

  #clearPlots(): void {
    for (const { plot } of this.#plots.splice(0)) plot.destroy();
  }

  #save(kind: 'json' | 'html'): void {
    if (this.#state.name !== 'done') return;
    const { diagnosis, at } = this.#state;
    const images = this.#plots.map(
      ({ title, plot }): ChartImage => ({ title, url: plot.ctx.canvas.toDataURL() }),
    );
    const text =
      kind === 'json' ? JSON.stringify(diagnosis, undefined, 2) : reportHtml(diagnosis, at, images);
    const type = kind === 'json' ? 'application/json' : 'text/html';
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = `${reportFileName(diagnosis, at)}.${kind}`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  #close(): void {
    this.dispatchEvent(new CustomEvent('close-requested', { bubbles: true, composed: true }));
  }
}

customElements.define('longreach-diagnosis', LongreachDiagnosis);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-diagnosis': LongreachDiagnosis;
  }
}
