import { type CSSResult, css } from 'lit';

export const panelStyle: CSSResult = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--panel);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
    padding: 10px 12px;
    border-bottom: 1px solid var(--line);
  }
  h2 {
    flex: 1;
    min-width: 10em;
    margin: 0;
    font-size: 19px;
  }
  .body {
    overflow: auto;
    padding: 12px;
  }
  .verdict {
    padding: 10px 14px;
    border-left: 8px solid var(--danger);
    border-radius: 6px;
    background: var(--raised);
  }
  .verdict[data-stage='healthy'] {
    border-color: var(--good);
  }
  .verdict b {
    display: block;
    font-size: 22px;
  }
  h3 {
    margin: 18px 0 6px;
    font-size: 16px;
  }
  ul {
    margin: 0;
    padding-left: 20px;
  }
  .evidence {
    color: var(--quiet);
    font-size: 14px;
  }
  .charts {
    display: grid;
    gap: 12px;
    margin-top: 8px;
  }
  .u-legend {
    font-size: 13px;
  }
`;
