/** What a scrape gave: each series by its name with labels, as it is written. */
export type Scrape = { types: Map<string, string>; series: Map<string, number> };

/** Reads Prometheus' text format; throws at a line that is none of it. */
export function parseMetrics(text: string): Scrape {
  const scrape: Scrape = { types: new Map(), series: new Map() };
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    const value = /^(\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})?) (\S+)$/.exec(line);
    if (type) scrape.types.set(type[1] as string, type[2] as string);
    else if (value) scrape.series.set(value[1] as string, Number(value[2]));
    else throw new Error(`not the text format: ${line}`);
  }
  return scrape;
}

/** The name of the metric that a series belongs to. */
export function metricOf(series: string, { types }: Scrape): string {
  const name = series.replace(/\{.*/, '');
  return types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}

/** Series of counters and histograms that fell or vanished between two scrapes. */
export function fallenSeries(before: Scrape, after: Scrape): string[] {
  return [...before.series]
    .filter(([series]) => before.types.get(metricOf(series, before)) !== 'gauge')
    .filter(([series, value]) => !((after.series.get(series) ?? -1) >= value))
    .map(([series]) => series);
}
