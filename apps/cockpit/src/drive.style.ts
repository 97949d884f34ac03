import { type CSSResult, css } from 'lit';

/** Layout of the driving view: wide screens have the small pictures beside the main one, tall ones below it. */
export const driveStyle: CSSResult = css`
  :host {
    display: grid;
    grid-template: 60px minmax(0, 1fr) auto auto / minmax(0, 1fr);
    height: 100%;
    min-height: 0;
    overflow: hidden;
    background: var(--ground);
  }
  header {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1.2fr) minmax(0, 1fr);
    gap: 12px;
    align-items: center;
    padding: 0 12px;
    background: var(--panel);
    border-bottom: 1px solid var(--line);
  }
  .machine,
  .side {
    display: flex;
    gap: 12px;
    align-items: center;
    min-width: 0;
  }
  .side {
    justify-content: flex-end;
  }
  .name {
    overflow: hidden;
    font-size: 18px;
    font-weight: 700;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .master {
    display: flex;
    flex-direction: column;
    justify-content: center;
    height: 48px;
    overflow: hidden;
    border: 2px solid var(--line);
    border-radius: 6px;
    text-align: center;
    white-space: nowrap;
  }
  .master b {
    overflow: hidden;
    font-size: 17px;
    line-height: 22px;
    text-overflow: ellipsis;
  }
  .master small {
    font-size: 13px;
    line-height: 17px;
  }
  .master[data-tone='accent'] {
    border-color: var(--accent);
    background: var(--control);
  }
  .master[data-tone='warn'] {
    border-color: var(--warn);
    color: var(--warn);
  }
  .link {
    overflow: hidden;
    font-weight: 700;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .link[data-tone='good'] {
    color: var(--good);
  }
  .link[data-tone='danger'] {
    color: var(--danger);
  }
  .pictures {
    display: grid;
    grid-template-columns: minmax(0, 1fr) clamp(190px, 21vw, 540px);
    gap: 6px;
    min-height: 0;
    padding: 6px;
  }
  .main {
    position: relative;
    min-width: 0;
    min-height: 0;
  }
  longreach-view {
    height: 100%;
    aspect-ratio: auto;
  }
  .smalls {
    display: grid;
    grid-auto-rows: minmax(0, 1fr);
    gap: 6px;
    min-height: 0;
  }
  .small {
    display: grid;
    grid-template-rows: minmax(0, 1fr);
    min-height: 44px;
    padding: 0;
    overflow: hidden;
    background: #000;
  }
  .pictures[data-smalls='0']:not([data-diagnosing]) {
    grid-template-columns: minmax(0, 1fr);
  }
  /* In the place of the small pictures, and wider than they. */
  longreach-diagnosis {
    z-index: 1;
    grid-area: 1 / 2;
  }
  .pictures[data-diagnosing] {
    grid-template-columns: minmax(0, 1fr) clamp(320px, 38vw, 640px);
  }
  .pictures[data-diagnosing] .smalls {
    grid-area: 1 / 2;
  }
  .notice {
    position: absolute;
    top: 0;
    right: 0;
    left: 0;
    display: flex;
    flex-direction: column;
    justify-content: center;
    min-height: 76px;
    padding: 8px 16px;
    background: var(--danger);
    color: var(--ink);
    text-align: center;
  }
  .notice b {
    font-size: 24px;
    font-weight: 800;
    line-height: 30px;
  }
  header button {
    white-space: nowrap;
  }
  .narrow {
    display: none;
  }
  @media (max-width: 1100px) {
    header {
      grid-template-columns: minmax(0, 1fr) 300px minmax(0, 1fr);
    }
    .side button {
      padding: 0 8px;
    }
    .wide {
      display: none;
    }
    .narrow {
      display: inline;
    }
  }
  @media (max-aspect-ratio: 1/1), (max-width: 900px) {
    .pictures {
      grid-template-rows: minmax(0, 1fr) clamp(110px, 17vh, 260px);
      grid-template-columns: minmax(0, 1fr);
    }
    .pictures[data-smalls='0']:not([data-diagnosing]) {
      grid-template-rows: minmax(0, 1fr);
    }
    .pictures[data-diagnosing] {
      grid-template-rows: minmax(0, 1.2fr) minmax(0, 1fr);
      grid-template-columns: minmax(0, 1fr);
    }
    longreach-diagnosis,
    .pictures[data-diagnosing] .smalls {
      grid-area: 2 / 1;
    }
    .smalls {
      grid-auto-flow: column;
      grid-auto-rows: auto;
      grid-auto-columns: minmax(0, 1fr);
      grid-template-rows: minmax(0, 1fr);
    }
  }
`;
