import type { Unsubscribe } from '@longreach/kit';
import type { LongreachClientApi } from '@longreach/sdk';
import { css, html, LitElement, type PropertyValues } from 'lit';
import { type PictureNotice, type PictureReport, pictureNotice } from './text/picture-notice.ts';
import { theme } from './theme.ts';

/**
 * One stream's picture with its state over it; embeddable on its own.
 *
 * Property `client`: a logged-in client that is connected to the machine (or will be).
 * Attributes: `device-id`, `stream-id`, `label` (caption, empty for none), `size` (`main` or `small`),
 * `video-testid`. It is as wide as its container, 16:9 unless given a height.
 * Event `attach-failed` {error}: the stream cannot be shown; tried again when the machine connects.
 */
export class LongreachView extends LitElement {
  static override properties = {
    client: { attribute: false },
    deviceId: { attribute: 'device-id' },
    streamId: { attribute: 'stream-id', type: Number },
    label: {},
    size: { reflect: true },
    videoTestId: { attribute: 'video-testid' },
  };
  declare client: LongreachClientApi | undefined;
  declare deviceId: string;
  declare streamId: number;
  declare label: string;
  declare size: 'main' | 'small';
  declare videoTestId: string;

  static override styles = [
    theme,
    css`
      :host {
        position: relative;
        display: block;
        width: 100%;
        aspect-ratio: 16 / 9;
        overflow: hidden;
        background: #000;
        contain: strict;
      }
      video {
        position: absolute;
        inset: 0;
        display: block;
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      /* Overlays let clicks through to the video, which stays the one target. */
      .dim,
      .mark,
      .label {
        position: absolute;
        pointer-events: none;
      }
      .dim {
        inset: 0;
        background: rgb(0 0 0 / 0.55);
      }
      .dim[data-state='stale'],
      .dim[data-state='none'] {
        background: rgb(0 0 0 / 0.75);
        border: 6px solid var(--danger);
      }
      .dim[data-state='none'] {
        border-color: var(--line);
      }
      :host([size='small']) .dim {
        border-width: 3px;
      }
      .mark {
        top: 50%;
        left: 50%;
        max-width: 96%;
        transform: translate(-50%, -50%);
        padding: 10px 20px;
        border-radius: 6px;
        background: var(--warn);
        color: var(--ink);
        font-size: 28px;
        font-weight: 800;
        line-height: 1.2;
        text-align: center;
        white-space: nowrap;
      }
      .mark[data-state='stale'] {
        background: var(--danger);
      }
      .mark[data-state='none'] {
        background: var(--raised);
        color: var(--text);
      }
      .mark span {
        display: block;
      }
      :host([size='small']) .mark {
        padding: 3px 8px;
        font-size: 13px;
      }
      .label {
        top: 0;
        left: 0;
        max-width: 100%;
        padding: 3px 10px;
        overflow: hidden;
        border-bottom-right-radius: 6px;
        background: rgb(7 9 12 / 0.85);
        font-size: 14px;
        font-weight: 600;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  readonly #subscriptions: Unsubscribe[] = [];
  #picture: PictureReport | undefined;
  #attached: { client: LongreachClientApi; deviceId: string; streamId: number } | undefined;
  #detach: Unsubscribe | undefined;
  #ageTimer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.deviceId = '';
    this.streamId = 0;
    this.label = '';
    this.size = 'small';
    this.videoTestId = '';
  }

  /** The element that plays the stream. */
  get video(): HTMLVideoElement {
    const video = this.renderRoot.querySelector('video');
    if (!video) throw new Error('the view is not rendered yet');
    return video;
  }

  /** Exchanges what the two views show, without touching the connection. */
  swapWith(other: LongreachView): void {
    if (!this.client || !this.#attached || !other.#attached) return;
    this.client.swap(this.video, other.video);
    [this.#attached, other.#attached] = [other.#attached, this.#attached];
    [this.#picture, other.#picture] = [other.#picture, this.#picture];
    [this.streamId, other.streamId] = [other.streamId, this.streamId];
    [this.label, other.label] = [other.label, this.label];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate('client');
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('client')) this.#subscribe();
    if (!changed.has('client') && !changed.has('deviceId') && !changed.has('streamId')) return;
    const { client, deviceId, streamId } = this.#attached ?? {};
    const isSame =
      client === this.client && deviceId === this.deviceId && streamId === this.streamId;
    if (!isSame) void this.#attach();
  }

  protected override render() {
    const notice = pictureNotice(this.#picture, performance.now());
    this.#tickWhile(notice.state === 'old' || notice.state === 'stale');
    return html`<video
        part="video"
        data-testid=${this.videoTestId}
        data-stream-id=${this.streamId}
        data-picture=${notice.state}
        aria-label="Camera ${this.label}"
        autoplay
        muted
        playsinline
        disablepictureinpicture
        disableremoteplayback
        .muted=${true}
      ></video>
      ${this.#overlay(notice)}
      ${this.label ? html`<span class="label" part="label">${this.label}</span>` : ''}`;
  }

  #overlay(notice: PictureNotice) {
    if (!notice.title) return '';
    // Only the main picture decides whether commands leave.
    const isMain = this.size === 'main';
    return html`<div class="dim" data-state=${notice.state}></div>
      <div class="mark" part="mark" data-testid="picture-mark" data-state=${notice.state}>
        <span>${notice.title}</span>${isMain && notice.detail ? html`<span>${notice.detail}</span>` : ''}
      </div>`;
  }

  #subscribe(): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    if (!this.client || !this.isConnected) return;
    this.#subscriptions.push(
      this.client.on('pictureStateChanged', (event) => {
        if (event.deviceId !== this.deviceId || event.streamId !== this.streamId) return;
        this.#picture = { state: event.state, ageMs: event.ageMs, atMs: performance.now() };
        this.requestUpdate();
      }),
      this.client.on('disconnected', ({ deviceId }) => {
        if (deviceId !== this.deviceId) return;
        this.#attached = undefined;
        this.#picture = undefined;
        this.requestUpdate();
      }),
      this.client.on('connected', ({ deviceId }) => {
        if (deviceId === this.deviceId && !this.#attached) void this.#attach();
      }),
    );
  }

  async #attach(): Promise<void> {
    const { client, deviceId, streamId } = this;
    if (!client || !deviceId || !this.isConnected) return;
    const attached = { client, deviceId, streamId };
    if (this.#attached && this.#attached.client !== client) this.#detach?.();
    this.#attached = attached;
    this.#picture = undefined;
    try {
      const detach = await client.attach(deviceId, streamId, this.video);
      if (this.isConnected) this.#detach = detach;
      else detach();
    } catch (error) {
      if (this.#attached === attached) this.#attached = undefined;
      this.dispatchEvent(new CustomEvent('attach-failed', { detail: { error } }));
    }
  }

  /** An old picture's age counts up ten times a second, and only then. */
  #tickWhile(isAgeing: boolean): void {
    if (isAgeing && this.#ageTimer === undefined) {
      this.#ageTimer = setInterval(() => this.requestUpdate(), 100);
    } else if (!isAgeing) {
      clearInterval(this.#ageTimer);
      this.#ageTimer = undefined;
    }
  }

  #release(): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#tickWhile(false);
    this.#detach?.();
    this.#detach = undefined;
    this.#attached = undefined;
    this.#picture = undefined;
  }
}

customElements.define('longreach-view', LongreachView);

declare global {
  interface HTMLElementTagNameMap {
    'longreach-view': LongreachView;
  }
}
