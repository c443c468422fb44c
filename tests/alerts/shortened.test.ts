import { readFileSync } from 'node:fs';
import { alerts } from '@coucou/docs/monitoring/alerts';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { faults } from './faults/all.ts';
import { withoutFault } from './run.ts';
import { type RulesFile, shortened } from './shortened.ts';

const one = (expr: string, during?: string): string =>
  JSON.stringify({ groups: [{ name: 'a', rules: [{ alert: 'A', expr, ...(during !== undefined && { for: during }) }] }] });
const rulesIn = (text: string) => (parse(text) as RulesFile).groups.flatMap(({ rules }) => rules);

it.each([
  ['sum(rate(a_total[5m])) > 20', 'sum(rate(a_total[10000ms])) > 20'],
  ['increase(a_total{le="0.25"}[1h]) / increase(b[3d]) > 0.05', 'increase(a_total{le="0.25"}[120000ms]) / increase(b[8640000ms]) > 0.05'],
  ['max(coucou_outbox_lag_seconds) > 60', 'max(coucou_outbox_lag_seconds) > 2'],
  ['max by (queue) (a_seconds{queue!="urgent"}) > 600', 'max by (queue) (a_seconds{queue!="urgent"}) > 20'],
  ['nodejs_eventloop_lag_p99_seconds{job="coucou"} > 0.2', 'nodejs_eventloop_lag_p99_seconds{job="coucou"} > 0.2'],
  ['coucou:send_bad:increase1h >= 10', 'coucou:send_bad:increase1h >= 10'],
])('divides durations by the factor, and nothing else: %s', (long, short) => {
  expect(rulesIn(shortened(one(long, '5m'), () => 30))).toEqual([{ alert: 'A', expr: short, for: '10000ms' }]);
  expect(rulesIn(shortened(one(long), () => 30))).toEqual([{ alert: 'A', expr: short }]);
});

it('understands every duration of the shipped rules', () => {
  const shipped = readFileSync(new URL('../../deploy/prometheus/rules.yml', import.meta.url), 'utf8');
  const same = shortened(shipped, () => 1);
  expect(rulesIn(same).map(({ alert, record }) => alert ?? record)).toEqual(rulesIn(shipped).map(({ alert, record }) => alert ?? record));
  expect(() => shortened(one('rate(a[5y])'), () => 30)).toThrow('not a duration: 5y');
});

it('has a fault for every alert, and each fault causes alerts that there are', () => {
  expect(withoutFault(faults.flatMap(({ fires }) => fires.map((alert) => ({ alert }))))).toEqual([]);
  const known = new Set(alerts.map(({ name, severity }) => `${name}, ${severity}`));
  expect(faults.flatMap(({ fires }) => fires).filter((alert) => !known.has(alert))).toEqual([]);
});
