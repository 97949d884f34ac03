import { type GamepadReading, readGamepad } from './gamepad-reading.ts';
import { type InputSample, initialMix, mixInputs } from './input-mix.ts';
import { driveKeyOf, driveKeysOf, type KeyAction, keyActionOf } from './key-map.ts';

/** What the driver's input needs to know of the machine, and whom it tells. */
export type DriverInputOptions = {
  /** m/s along the heading, as last reported. */
  speedMps: () => number;
  /** Whether set-points may be other than neutral: in control and armed. */
  permitted: () => boolean;
  /** Whether driving keys belong to the machine now (in control); otherwise the page keeps them. */
  takesKeys: () => boolean;
  onAction: (action: KeyAction) => void;
};

/**
 * Keyboard and gamepad of this page. Neutral when the window loses focus, the page is hidden or the gamepad goes;
 * a key held meanwhile counts only after it was released and pressed again.
 */
export class DriverInput {
  readonly #options: DriverInputOptions;
  readonly #codesDown = new Set<string>();
  readonly #abort = new AbortController();
  #mix = initialMix;
  #buttons: Pick<GamepadReading, 'emergencyStop' | 'rearm'> = { emergencyStop: true, rearm: true };

  constructor(options: DriverInputOptions) {
    this.#options = options;
    const { signal } = this.#abort;
    // Capture: no element of the page, focused or not, may keep an emergency stop for itself.
    const early = { capture: true, signal };
    window.addEventListener('keydown', (event) => this.#handleKeyDown(event), early);
    window.addEventListener('keyup', (event) => this.#handleKeyUp(event), early);
    window.addEventListener('blur', () => this.#codesDown.clear(), { signal });
    document.addEventListener('visibilitychange', () => this.#codesDown.clear(), { signal });
  }

  /** Set-points at `nowMs` (performance clock). Polls the gamepad, whose buttons act from here. */
  sample(nowMs: number): InputSample {
    const isAttended = document.visibilityState === 'visible' && document.hasFocus();
    const gamepad = readFirstGamepad();
    this.#handleButtons(gamepad);
    const { state, sample } = mixInputs(
      this.#mix,
      {
        keys: driveKeysOf(this.#codesDown),
        gamepad,
        speedMps: this.#options.speedMps(),
        permitted: isAttended && this.#options.permitted(),
      },
      nowMs,
    );
    this.#mix = state;
    return sample;
  }

  /** Stops listening. */
  close(): void {
    this.#abort.abort();
    this.#codesDown.clear();
  }

  #handleKeyDown(event: KeyboardEvent): void {
    const action = keyActionOf(event.code);
    if (action?.kind === 'emergencyStop') {
      event.preventDefault();
      if (!event.repeat) this.#options.onAction(action);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event)) return;
    if (driveKeyOf(event.code)) {
      if (!this.#options.takesKeys()) return;
      // Space must brake, not press the focused button; arrows must not scroll.
      event.preventDefault();
      if (!event.repeat) this.#codesDown.add(event.code);
    } else if (action && !event.repeat) {
      event.preventDefault();
      this.#options.onAction(action);
    }
  }

  #handleKeyUp(event: KeyboardEvent): void {
    if (this.#codesDown.delete(event.code)) event.preventDefault();
  }

  #handleButtons(gamepad: GamepadReading | undefined): void {
    // A button that is down when the pad appears is no press.
    const before = this.#buttons;
    this.#buttons = gamepad ?? { emergencyStop: true, rearm: true };
    if (!gamepad) return;
    if (gamepad.emergencyStop && !before.emergencyStop) {
      this.#options.onAction({ kind: 'emergencyStop' });
    } else if (gamepad.rearm && !before.rearm) {
      this.#options.onAction({ kind: 'rearm' });
    }
  }
}

function readFirstGamepad(): GamepadReading | undefined {
  for (const pad of gamepads()) {
    const reading = readGamepad(pad);
    if (reading) return reading;
  }
  return undefined;
}

/** None where the page may not see them: plain http from another host, or a frame without the permission. */
function gamepads(): readonly (Gamepad | null)[] {
  try {
    return 'getGamepads' in navigator ? navigator.getGamepads() : [];
  } catch {
    return [];
  }
}

function isTextField(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  );
}
