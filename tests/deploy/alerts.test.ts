import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { alerts, pageOf } from '@coucou/docs/monitoring/alerts';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Case, cases, type Series } from './alerts/cases.ts';

const repository = resolve(import.meta.dirname, '../..');
const rules = resolve(repository, 'deploy/prometheus/rules.yml');
const runbooks = resolve(repository, 'docs/runbooks');

type Rule = Readonly<{
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}>;
const { groups } = parse(readFileSync(rules, 'utf8')) as { groups: readonly Readonly<{ name: string; rules: readonly Rule[] }>[] };
const shipped = groups.flatMap((group) => group.rules);
const shippedAlerts = shipped.filter(({ alert }) => alert !== undefined);

const keyOf = ({ alert, severity }: Readonly<{ alert: string; severity: string }>): string => `${alert}, ${severity}`;

describe('deploy/prometheus/rules.yml', () => {
  it('has a severity, texts and a runbook for every alert', () => {
    expect(shippedAlerts.length).toBeGreaterThanOrEqual(15);
    for (const { alert, labels, annotations } of shippedAlerts) {
      expect([alert, labels?.['severity']]).toEqual([alert, expect.stringMatching(/^(?:page|ticket)$/)]);
      expect([alert, Object.keys(annotations ?? {})]).toEqual([alert, ['summary', 'description', 'runbook_url']]);
    }
  });

  it('asks for metrics that are served', () => {
    const known = new Set<string>(
      Object.values(catalogue).flatMap(({ name }) => ['', '_bucket', '_sum', '_count'].map((end) => name + end)),
    );
    const named = new Set(shipped.flatMap(({ expr }) => expr.match(/\bcoucou_\w+/g) ?? []));
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a test of every alert', () => {
    expect(cases.map(keyOf).toSorted()).toEqual(alerts.map(({ name, severity }) => keyOf({ alert: name, severity })).toSorted());
  });
});

describe('docs/runbooks', () => {
  const pages = readdirSync(runbooks).filter((file) => file !== 'index.md');

  it('has a page for every alert, and none besides', () => {
    expect(pages.toSorted()).toEqual([...new Set(alerts.map((alert) => `${pageOf(alert)}.md`))].toSorted());
  });

  it.each([...new Map(alerts.map((alert) => [alert.name, pageOf(alert)]))])('says about %s what it means and what to do', (name, page) => {
    const text = readFileSync(join(runbooks, `${page}.md`), 'utf8');
    expect(text).toMatch(new RegExp(`^# ${name}$`, 'm'));
    expect(text.match(/^## .*/gm)).toEqual(['## What it means', '## Look at', '## Do', '## When it ends']);
    expect(readFileSync(join(runbooks, 'index.md'), 'utf8')).toContain(`| [${name}](${page}.md) |`);
  });

  it('names commands that there are', () => {
    const list = readFileSync(resolve(repository, 'apps/server/src/cli/run.ts'), 'utf8');
    const named = pages.flatMap((page) => [...readFileSync(join(runbooks, page), 'utf8').matchAll(/pnpm cli ([a-z-]+)/g)]);
    expect(named.length).toBeGreaterThan(10);
    for (const [, command = ''] of named) expect(list).toContain(`name: '${command}'`);
  });
});

const promtool = spawnSync('promtool', ['--version']).status === 0;
if (!promtool) console.warn('promtool is not installed (Debian: prometheus): the alerts were not tested with it');

describe.runIf(promtool)('promtool', () => {
  it('finds no fault in the rules and the configuration', () => {
    const check = (...args: readonly string[]) => execFileSync('promtool', ['check', ...args], { encoding: 'utf8' });
    expect(check('rules', '--lint-fatal', rules)).toContain(`SUCCESS: ${shipped.length} rules found`);
    const config = check('config', '--lint-fatal', resolve(repository, 'deploy/prometheus/prometheus.yml'));
    expect(config).toContain(`SUCCESS: ${shipped.length} rules found`);
  });

  it('understands the queries of the runbooks', () => {
    const texts = readdirSync(runbooks).map((page) => readFileSync(join(runbooks, page), 'utf8'));
    const queries = texts.flatMap((text) =>
      [...text.matchAll(/^```promql\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n')),
    );
    expect(queries.length).toBeGreaterThan(30);
    expect(checkRules({ groups: [{ name: 'a', rules: queries.map((expr, at) => ({ record: `query:${at}`, expr })) }] })).toContain(
      'SUCCESS',
    );
    expect(checkRules({ groups: [{ name: 'a', rules: [{ record: 'a', expr: 'sum by (le' }] }] })).toContain('parse error');
  });

  it.each(cases.map((each) => [keyOf(each), each] as const))('%s: fires when it is to, and only then', (_, each) => {
    expect(run(each)).toBe('');
  });

  it('finds an alert that does not fire, and one that does without cause', () => {
    const [first] = cases;
    if (first === undefined) throw new Error('there are no cases');
    const [calm = {}] = first.healthy;
    expect(run({ ...first, broken: calm })).toContain('got: nil');
    expect(run({ ...first, healthy: [first.broken] })).toContain('exp: nil');
  });
});

/** What promtool says of a file of rules. */
const checkRules = (file: object): string =>
  inDirectory((directory) => {
    const path = join(directory, 'rules.yml');
    writeFileSync(path, stringify(file));
    const { stdout, stderr } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
    return stdout + stderr;
  });

function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What promtool finds wrong with the case; nothing when it passes. */
function run({ alert, severity, every, at, broken, fires = [{}], healthy }: Case): string {
  const test = (series: Series, firing: readonly Readonly<Record<string, string>>[]) => ({
    interval: every,
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `ALERTS{alertname="${alert}",severity="${severity}",alertstate="firing"}`,
        eval_time: at,
        exp_samples: firing.map((more) => {
          const labels = Object.entries({ alertname: alert, alertstate: 'firing', severity, ...more });
          return { labels: `ALERTS{${labels.map(([name, value]) => `${name}="${value}"`).join(',')}}`, value: 1 };
        }),
      },
    ],
  });
  const nothing = alert === 'CoucouAllDown' ? [] : [{}];
  const file = {
    rule_files: ['rules.yml'],
    evaluation_interval: every,
    tests: [test(broken, fires), ...[...healthy, ...nothing].map((series) => test(series, []))],
  };
  return inDirectory((directory) => {
    const path = join(directory, 'test.yml');
    // The alert alone, and the recording rules it reads: three days of all rules take long.
    const alone = shipped.filter((rule) => rule.alert === alert && rule.labels?.['severity'] === severity);
    const read = shipped.filter(({ record }) => record !== undefined && alone.some(({ expr }) => expr.includes(record)));
    writeFileSync(join(directory, 'rules.yml'), stringify({ groups: [{ name: alert, rules: [...read, ...alone] }] }));
    writeFileSync(path, stringify(file));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  });
}
