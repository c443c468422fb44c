/** One line of an exposition. */
export type Sample = Readonly<{ name: string; labels: Readonly<Record<string, string>>; value: number }>;

export type Scrape = Readonly<{
  samples: readonly Sample[];
  /** The kind of each metric, by its name. */
  types: ReadonlyMap<string, string>;
  /** The sum of the series of this name that have these labels; 0 where there is none. */
  sum: (name: string, labels?: Readonly<Record<string, string>>) => number;
}>;

/** `NaN` in any case, as Prometheus reads it: prom-client writes `Nan`. */
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?(?:\d[\d.e+-]*|Inf)|\+Inf|[Nn]a[Nn])$/;
const SUFFIX = /_(?:bucket|sum|count)$/;

/** Reads the text format of Prometheus, version 0.0.4, and refuses what is not in it: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function parseExposition(text: string): Scrape {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const series = new Set<string>();
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '' || line.startsWith('# HELP ')) continue;
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      if (types.has(typed)) throw new Error(`${typed} has two types`);
      types.set(typed, type);
      continue;
    }
    const [, name, inner = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a line of an exposition: ${line}`);
    const labels = Object.fromEntries(
      [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, quoted]) => [label, quoted]),
    ) as Sample['labels'];
    const key = JSON.stringify([name, labels]);
    if (series.has(key)) throw new Error(`a series stands twice: ${line}`);
    series.add(key);
    if (!types.has(name) && types.get(name.replace(SUFFIX, '')) !== 'histogram') throw new Error(`no type stands before ${line}`);
    samples.push({ name, labels, value: Number(value?.replace('Inf', 'Infinity').replace('Nan', 'NaN')) });
  }
  const has = (sample: Sample, labels: Sample['labels']) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
  return {
    samples,
    types,
    sum: (name, labels = {}) =>
      samples.filter((sample) => sample.name === name && has(sample, labels)).reduce((sum, { value }) => sum + value, 0),
  };
}

/** Asks for the metrics, and reads them. */
export async function scrape(url: string, token?: string): Promise<Scrape> {
  const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return parseExposition(await response.text());
}
