import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type MetricDescription, metricCatalogue } from '../apps/server/src/metrics/catalogue.ts';
import { rootFolder } from './run-command.ts';

type Panel = { id: number; title: string; type: string; gridPos: Place; targets?: Target[] };
type Place = { x: number; y: number; w: number; h: number };
type Target = { expr: string; datasource: { uid: string } };
type Variable = { name: string; type: string; query: string | { query: string } };
type Dashboard = {
  schemaVersion: number;
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Array<{ expr: string }> };
};

const read = (path: string) => readFileSync(join(rootFolder, path), 'utf8');
const catalogue = new Map<string, MetricDescription>(Object.entries(metricCatalogue));
const dashboard = JSON.parse(read('docs/2-operate/grafana/longreach.json')) as Dashboard;

/** Functions and words of PromQL and Grafana that the dashboard uses. */
const words = new Set([
  ...['histogram_quantile', 'sum', 'max', 'rate', 'increase', 'by', 'label_values', 'instance'],
  ...['room', 'role', 'reason', 'kind', 'code', 'purpose', 'worker', 'le'],
]);

/** Every series name in an expression: what is no function, label, text or duration. */
function namesIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, ' ');
  return (bare.match(/[A-Za-z_:][\w:]*/g) ?? []).filter((name) => !words.has(name));
}

/** The metric of a series; of a histogram its buckets, sum and count are series. */
function metricOf(series: string): MetricDescription | undefined {
  const histogram = catalogue.get(series.replace(/_(bucket|sum|count)$/, ''));
  if (histogram?.type === 'histogram') return series in metricCatalogue ? undefined : histogram;
  return catalogue.get(series);
}

/** Labels that an expression selects or groups by. */
function labelsIn(expr: string): string[] {
  const selected = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? ''),
  );
  const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside = '']) =>
    inside.split(',').map((label) => label.trim()),
  );
  return [...selected, ...grouped];
}

const targets = dashboard.panels.flatMap(({ title, targets: ofPanel = [] }) =>
  ofPanel.map(({ expr }): [string, string] => [title, expr]),
);
const queries = dashboard.templating.list.flatMap(
  ({ name, query }): Array<[string, string]> =>
    typeof query === 'string' ? [] : [[`variable ${name}`, query.query]],
);
const events = dashboard.annotations.list.map(({ expr }): [string, string] => ['event', expr]);
const expressions = [...targets, ...queries, ...events];

describe('docs/2-operate/metrics.md', () => {
  it('has every metric of the server with its type, labels and meaning, and no other', () => {
    const rows = read('docs/2-operate/metrics.md').matchAll(
      /^\| `(longreach_\w+)` +\| (\w+) +\| ([^|]*?) *\| ([^|]*?) *\|$/gm,
    );
    const listed = [...rows].map(([, name, type, labels, help]) => [name, type, labels, help]);
    const registered = [...catalogue].map(([name, { type, labels, help }]) => {
      return [name, type, labels.map((label) => `\`${label}\``).join(', '), help];
    });
    expect(listed).toEqual(registered);
  });

  it('names no metric that there is not, also outside of its table', () => {
    const named = read('docs/2-operate/metrics.md').match(/longreach_\w+/g) ?? [];
    expect(named.filter((name) => !catalogue.has(name))).toEqual([]);
  });

  it('explains every label', () => {
    const explained = [...read('docs/2-operate/metrics.md').matchAll(/^\| `([a-z_]+)` +\|/gm)];
    const labels = new Set([...catalogue.values()].flatMap(({ labels: ofMetric }) => ofMetric));
    // Those of build_info say by their names what they are.
    const plain = new Set(['version', 'node_version', 'node_id']);
    const missing = [...labels].filter(
      (label) => !plain.has(label) && !explained.some(([, name]) => name === label),
    );
    expect(missing).toEqual([]);
  });
});

describe('docs/2-operate/grafana/longreach.json', () => {
  it.each(expressions)('%s uses only series that there are: %s', (_title, expr) => {
    const names = namesIn(expr);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => metricOf(name) === undefined)).toEqual([]);
  });

  it.each(expressions)('%s uses only labels that its series have: %s', (_title, expr) => {
    const known = new Set<string>(namesIn(expr).flatMap((name) => metricOf(name)?.labels ?? []));
    if (expr.includes('_bucket')) known.add('le');
    known.add('instance');
    expect(labelsIn(expr).filter((label) => !known.has(label))).toEqual([]);
  });

  it.each([...targets, ...events])(
    '%s takes rates of counters and of nothing else: %s',
    (_, expr) => {
      for (const name of namesIn(expr)) {
        const grows = metricOf(name)?.type !== 'gauge';
        const isRated = new RegExp(`(rate|increase)\\(${name}\\b`).test(expr);
        expect([name, isRated]).toEqual([name, grows]);
      }
    },
  );

  it('lets its reader choose the data source, and asks no other', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    const [source] = dashboard.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const uids = [...read('docs/2-operate/grafana/longreach.json').matchAll(/"uid": "([^"]*)"/g)];
    const others = uids.map(([, uid]) => uid).filter((uid) => uid !== `\${datasource}`);
    expect(others).toEqual(['longreach']);
  });

  it('its panels have ids of their own and do not lie upon each other', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
