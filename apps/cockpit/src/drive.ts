import type { StreamInfo } from '@longreach/protocol';
import type { LongreachClientApi, StreamFigures } from '@longreach/sdk';
import { html, LitElement, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import './control-bar.ts';
import './diagnosis/diagnosis-panel.ts';
import './hud.ts';
import './view.ts';
import { driveStyle } from './drive.style.ts';
import { DriveSession } from './drive-session.ts';
import type { InputSample } from './input/input-mix.ts';
import { figuresFreshMs, freshValue } from './machine-watch.ts';
import { connectionNotice } from './text/connection-notice.ts';
import { controlNotice } from './text/control-notice.ts';
import { isSaidByGuard, refusalText } from './text/refusal-text.ts';
import { buttonStyle, theme } from './theme.ts';
import type { LongreachView } from './view.ts';

/** The input's bars move at this period, ms; figures and texts at every second beat (10 a second at most). */
const beatMs = 50;
/** How long a refusal stays readable, ms. */
const refusalShownMs = 3000;
/** Small pictures beside the main one. */
const smallPictures = 7;

/**
 * The driving view of one machine: connects when shown, disconnects when removed.
 *
 * Properties: `client` (logged in), `deviceId`, `operatorId` (own device id), `machineName`.
 * Event `leave-requested`: back to the fleet; not while in control.
 */
export class LongreachDrive extends LitElement {
  static override properties = {
    client: { attribute: false },
    deviceId: { attribute: 'device-id' },
    operatorId: { attribute: 'operator-id' },
    machineName: { attribute: 'machine-name' },
  };
  declare client: LongreachClientApi | undefined;
  declare deviceId: string;
  declare operatorId: string;
  declare machineName: string;

  static override styles = [theme, buttonStyle, driveStyle];

  /** Streams in the order of their pictures: the first is the main one. */
  #shown: StreamInfo[] = [];
  #session: DriveSession | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #isEvenBeat = false;
  #sample: InputSample | undefined;
  #isDiagnosing = false;

  constructor() {
    super();
    this.deviceId = '';
    this.operatorId = '';
    this.machineName = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closeSession();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate('deviceId');
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('client') || changed.has('deviceId')) this.#openSession();
  }

  protected override render() {
    const session = this.#session;
    if (!session) return html``;
    const nowMs = performance.now();
    return html`${this.#header(session)} ${this.#pictures(session)} ${this.#hud(session, nowMs)}
      <longreach-control-bar
        .guardMode=${session.guardMode()}
        .permission=${session.view.permission}
        .pending=${session.pending}
        .message=${this.#message(session, nowMs)}
        .stopState=${session.stopState(nowMs)}
        @control-requested=${() => session.setControl(true)}
        @control-released=${() => session.setControl(false)}
        @rearm-requested=${() => session.rearm()}
        @emergency-stop=${() => session.emergencyStop()}
      ></longreach-control-bar>`;
  }

  #header(session: DriveSession) {
    const { view, isMaster, muted, pending } = session;
    const notice = controlNotice({
      operatorId: this.operatorId,
      masterId: view.masterId,
      isMaster,
      pending,
    });
    const isWell = connectionNotice(view) === undefined && session.failure === '';
    return html`<header>
      <div class="machine">
        <button
          type="button"
          data-testid="leave"
          aria-label="Back to the machines"
          aria-disabled=${isMaster}
          title=${isMaster ? 'Release control first' : 'Back to the machines'}
          @click=${this.#leave}
        >
          ‹<span class="wide"> Machines</span>
        </button>
        <span class="name">${this.machineName || this.deviceId}</span>
      </div>
      <div
        class="master"
        role="status"
        data-testid="master"
        data-tone=${notice.tone}
        data-permission=${view.permission}
        data-master-id=${view.masterId ?? ''}
      >
        <b>${notice.word}</b><small>${notice.hint}</small>
      </div>
      <div class="side">
        <span class="link" data-testid="link" data-tone=${isWell ? 'good' : 'danger'}
          >${isWell ? '●' : '○'} <span class="wide">${isWell ? 'Connected' : 'Not connected'}</span
            ><span class="narrow">${isWell ? 'Link' : 'No link'}</span></span
        >
        <button type="button" data-testid="diagnose"
          aria-label="Diagnose" aria-pressed=${this.#isDiagnosing} @click=${() => this.#toggleDiagnosis()}>
          <span class="wide">Diagnose</span><span class="narrow">Why?</span>
        </button>
        <button type="button" data-testid="sound" aria-pressed=${!muted} @click=${() => session.toggleSound()}>
          ${muted ? 'Sound off' : view.soundBlocked ? 'Sound: click' : 'Sound on'}
        </button>
      </div>
    </header>`;
  }

  #pictures(session: DriveSession) {
    const [main, ...smalls] = this.#shown;
    const notice =
      session.failure === ''
        ? connectionNotice(session.view)
        : { title: 'NO CONNECTION', detail: `${session.failure} Trying again…` };
    return html`<div class="pictures" data-smalls=${smalls.length} ?data-diagnosing=${this.#isDiagnosing}>
      ${this.#diagnosis()}
      <div class="main">
        ${main ? this.#view(main, 'main', 'main-video') : ''}
        ${
          notice
            ? html`<div class="notice" role="alert" data-testid="connection-notice">
                <b>${notice.title}</b><span>${notice.detail}</span>
              </div>`
            : ''
        }
      </div>
      <div class="smalls" ?hidden=${smalls.length === 0}>
        ${repeat(
          smalls,
          (_stream, index) => index,
          (stream, index) => html`<button
            type="button"
            class="small"
            title="Show as main picture (${index + 1})"
            aria-label="Show ${stream.name} as main picture, key ${index + 1}"
            @click=${() => this.#showAsMain(index)}
          >
            ${this.#view(stream, 'small', `thumb-${index}`)}
          </button>`,
        )}
      </div>
    </div>`;
  }

  /** Beside the main picture, never over it: an operator who looks for a fault may be driving. */
  #diagnosis() {
    if (!this.#isDiagnosing) return '';
    return html`<longreach-diagnosis
      .client=${this.client}
      .deviceId=${this.deviceId}
      @close-requested=${() => this.#toggleDiagnosis()}
    ></longreach-diagnosis>`;
  }

  #toggleDiagnosis(): void {
    this.#isDiagnosing = !this.#isDiagnosing;
    this.requestUpdate();
  }

  #view(stream: StreamInfo, size: 'main' | 'small', testId: string) {
    return html`<longreach-view
      .client=${this.client}
      .deviceId=${this.deviceId}
      .streamId=${stream.streamId}
      .label=${stream.name}
      .size=${size}
      .videoTestId=${testId}
    ></longreach-view>`;
  }

  #hud(session: DriveSession, nowMs: number) {
    const report = session.freshReport();
    const main = this.#shown[0]?.streamId ?? -1;
    return html`<longreach-hud
      .figures=${this.#figures(session, main, nowMs)}
      .speedMps=${report?.speedMps}
      .loopAgeMs=${session.view.permission === 'master' || report?.guardMode === 'armed' ? report?.loopAgeMs : undefined}
      .rttMs=${freshValue(session.view.rtt.get(main), figuresFreshMs, nowMs)}
    ></longreach-hud>`;
  }

  #figures(session: DriveSession, streamId: number, nowMs: number): StreamFigures | undefined {
    const figures = freshValue(session.view.figures.get(streamId), figuresFreshMs, nowMs);
    if (!figures || session.view.pictures.get(streamId)?.state === 'fresh') return figures;
    // The delay of pictures that came says nothing about a picture that does not come.
    const { latencyMs: _latency, latencyUncertaintyMs: _uncertainty, ...others } = figures;
    return others;
  }

  #message(session: DriveSession, nowMs: number): string {
    if (session.message) return session.message;
    const refusal = freshValue(session.view.refusal, refusalShownMs, nowMs);
    return refusal && !isSaidByGuard(refusal.code) ? refusalText(refusal.code, refusal.by) : '';
  }

  #showAsMain(index: number): void {
    const [main, ...smalls] = [
      ...this.renderRoot.querySelectorAll<LongreachView>('longreach-view'),
    ];
    const small = smalls[index];
    const [first, other] = [this.#shown[0], this.#shown[index + 1]];
    if (!main || !small || !first || !other) return;
    main.swapWith(small);
    this.#shown = this.#shown.with(0, other).with(index + 1, first);
    this.requestUpdate();
  }

  #leave(): void {
    if (this.#session?.isMaster) return;
    this.dispatchEvent(new CustomEvent('leave-requested', { bubbles: true, composed: true }));
  }

  #openSession(): void {
    this.#closeSession();
    if (!this.client || !this.deviceId || !this.isConnected) return;
    const session = new DriveSession(this.client, this.deviceId, {
      mainStreamId: () => this.#shown[0]?.streamId ?? 0,
      onShowSmall: (index) => this.#showAsMain(index),
      onChange: (isUrgent) => {
        this.#arrange(session.streams);
        if (isUrgent) this.requestUpdate();
      },
    });
    this.#session = session;
    this.#beat = setInterval(() => this.#handleBeat(session), beatMs);
    void session.connect();
    this.requestUpdate();
  }

  /** Keeps the operator's arrangement while the machine's streams are the same. */
  #arrange(streams: StreamInfo[]): void {
    const ids = (list: StreamInfo[]): string =>
      list
        .map((stream) => stream.streamId)
        .toSorted()
        .join();
    const wanted = streams.toSorted((a, b) => a.streamId - b.streamId).slice(0, 1 + smallPictures);
    if (ids(wanted) !== ids(this.#shown)) this.#shown = wanted;
  }

  #handleBeat(session: DriveSession): void {
    const sample = session.input.sample(performance.now());
    if (!this.#sample || !isSameSample(sample, this.#sample)) {
      this.#sample = sample;
      const bar = this.renderRoot.querySelector('longreach-control-bar');
      if (bar) bar.sample = sample;
    }
    this.#isEvenBeat = !this.#isEvenBeat;
    if (this.#isEvenBeat) this.requestUpdate();
  }

  #closeSession(): void {
    clearInterval(this.#beat);
    void this.#session?.close();
    this.#session = undefined;
    this.#sample = undefined;
    this.#shown = [];
    this.#isDiagnosing = false;
  }
}

function isSameSample(a: InputSample, b: InputSample): boolean {
  return (
    a.steering === b.steering &&
    a.drive === b.drive &&
    a.brake === b.brake &&
    a.device === b.device &&
    a.gamepad === b.gamepad
  );
}

customElements.define('longreach-drive', LongreachDrive);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-drive': LongreachDrive;
  }
}
