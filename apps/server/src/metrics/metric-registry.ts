import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { type DelayCounts, delayBoundsUs } from '../media/delay-histogram.ts';
import { type MetricDescription, type MetricName, metricCatalogue } from './catalogue.ts';
import type { Figures } from './figures.ts';

type AnySample = { labels: Record<string, string>; value: number | DelayCounts };
type Writer = (samples: readonly AnySample[]) => void;

/** The metrics as Prometheus reads them. */
export class MetricRegistry {
  readonly #registry = new Registry();
  readonly #writers = new Map<MetricName, Writer>();

  constructor() {
    for (const [name, description] of Object.entries(metricCatalogue)) {
      this.#writers.set(name as MetricName, createWriter(this.#registry, name, description));
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** These figures in the text format. */
  text(figures: Figures): Promise<string> {
    for (const [name, write] of this.#writers) write(figures[name]);
    return this.#registry.metrics();
  }
}

function createWriter(registry: Registry, name: string, description: MetricDescription): Writer {
  const { type, help, labels: labelNames } = description;
  const options = { name, help, labelNames: [...labelNames], registers: [registry] };
  if (type === 'histogram') {
    const histogram = new CountedHistogram(name, help);
    // The registry asks a metric for its name and its values, and nothing else.
    registry.registerMetric(histogram as unknown as Metric);
    return (samples) => histogram.write(samples);
  }
  const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
  return (samples) => {
    metric.reset();
    for (const { labels, value } of samples) metric.inc(labels, value as number);
  };
}

/** A histogram that was counted elsewhere; the library's own takes single observations only. */
class CountedHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  #samples: readonly AnySample[] = [];

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  write(samples: readonly AnySample[]): void {
    this.#samples = samples;
  }

  /** Called by the registry. */
  async get(): Promise<object> {
    const { name, help, type } = this;
    const values = this.#samples.flatMap(({ labels, value }) =>
      seriesOf(name, labels, value as DelayCounts),
    );
    return { name, help, type, aggregator: 'sum', values };
  }
}

/** Cumulative buckets in seconds, sum and count. */
function seriesOf(name: string, labels: Record<string, string>, delays: DelayCounts): object[] {
  let count = 0;
  const buckets = delays.counts.map((inBucket, index) => {
    count += inBucket;
    const boundUs = delayBoundsUs[index];
    const le = boundUs === undefined ? '+Inf' : `${boundUs / 1e6}`;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: delays.sumUs / 1e6 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
