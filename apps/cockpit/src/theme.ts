import { type CSSResult, css, unsafeCSS } from 'lit';
import { palette } from './palette.ts';

const tokens = Object.entries(palette)
  .map(([name, colour]) => `--${name}: ${colour};`)
  .join('');

/** Colours, type and the habits that every element of the cockpit shares. */
export const theme: CSSResult = css`
  :host {
    ${unsafeCSS(tokens)}
    box-sizing: border-box;
    color: var(--text);
    font-family: system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
    font-size: 16px;
    line-height: 1.3;
    font-variant-numeric: tabular-nums;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
`;

/** Buttons of 44 px and more. */
export const buttonStyle: CSSResult = css`
  button {
    min-height: 44px;
    min-width: 44px;
    padding: 0 16px;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--raised);
    color: var(--text);
    font: inherit;
    font-weight: 600;
    cursor: pointer;
    touch-action: manipulation;
  }
  button:hover:not(:disabled):not([aria-disabled='true']) {
    border-color: var(--accent);
  }
  button:disabled,
  button[aria-disabled='true'] {
    color: var(--quiet);
    background: var(--panel);
    cursor: not-allowed;
  }
  button.primary:not(:disabled) {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--ink);
  }
  kbd {
    display: inline-block;
    min-width: 1.7em;
    padding: 1px 5px;
    border: 1px solid currentColor;
    border-radius: 4px;
    font: inherit;
    font-size: 0.78em;
    text-align: center;
  }
`;
