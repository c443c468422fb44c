import { counterMetric, gaugeMetric, histogramMetric } from '@coucou/application/ports/metrics';
import { describe, expect, it } from 'vitest';
import { createExposition } from './exposition.ts';
import { createMetrics } from './metrics.ts';

const calls = counterMetric('coucou_test_calls_total', 'Calls.', ['operation', 'status']);
const sizes = histogramMetric('coucou_test_sizes', 'Sizes.', [1, 10]);
const waiting = gaugeMetric('coucou_test_waiting', 'What waits.', ['queue']);

describe('metrics', () => {
  it('have one series for each set of labels, in whatever order these are given', () => {
    const metrics = createMetrics();
    const series = metrics.counter(calls, { operation: 'a', status: '2xx' });
    series.add();
    metrics.counter(calls, { status: '2xx', operation: 'a' }).add(2);
    metrics.counter(calls, { operation: 'a","b', status: '' }).add(5);
    expect(series.value).toBe(3);
  });

  it('are written as Prometheus reads them: buckets cumulated, what is a bound falls below it', async () => {
    const metrics = createMetrics();
    metrics.counter(calls, { operation: 'a "quoted"\nname', status: '2xx' }).add(2);
    for (const size of [0, 1, 5, 10, 11, 2_000]) metrics.histogram(sizes, {}).observe(size);
    metrics.gauge(waiting, async () => [{ labels: { queue: 'main' }, value: 7 }]);
    const lines = (await createExposition(metrics).text()).split('\n').filter((line) => line.includes('coucou_test'));
    expect(lines).toEqual([
      '# HELP coucou_test_calls_total Calls.',
      '# TYPE coucou_test_calls_total counter',
      String.raw`coucou_test_calls_total{operation="a \"quoted\"\nname",status="2xx"} 2`,
      '# HELP coucou_test_sizes Sizes.',
      '# TYPE coucou_test_sizes histogram',
      'coucou_test_sizes_bucket{le="1"} 2',
      'coucou_test_sizes_bucket{le="10"} 4',
      'coucou_test_sizes_bucket{le="+Inf"} 6',
      'coucou_test_sizes_sum 2027',
      'coucou_test_sizes_count 6',
      '# HELP coucou_test_waiting What waits.',
      '# TYPE coucou_test_waiting gauge',
      'coucou_test_waiting{queue="main"} 7',
    ]);
  });

  it('leave out what cannot be read', async () => {
    const metrics = createMetrics();
    metrics.counter(calls, { operation: 'a', status: '2xx' }).add();
    metrics.gauge(waiting, () => Promise.reject(new Error('the database is away')));
    const text = await createExposition(metrics).text();
    expect(text).toContain('coucou_test_calls_total{operation="a",status="2xx"} 1');
    expect(text).not.toMatch(/^coucou_test_waiting/m);
  });

  it('are read once for all who ask meanwhile', async () => {
    const metrics = createMetrics();
    let reads = 0;
    metrics.gauge(waiting, () => {
      reads += 1;
      return [];
    });
    const { text } = createExposition(metrics);
    await Promise.all([text(), text(), text()]);
    await text();
    expect(reads).toBe(2);
  });
});
