import { expect, it } from 'vitest';
import { figuresIn } from './server-figures.ts';

it('reads the figures of a node, over all labels', () => {
  const text = [
    '# TYPE process_cpu_seconds_total counter',
    'process_cpu_seconds_total 12.5',
    'nodejs_eventloop_lag_p99_seconds 0.0125',
    'coucou_database_waiting{pool="main"} 3',
    'coucou_database_waiting{pool="append"} 4',
    'coucou_message_appends_waiting 2',
    '',
  ].join('\n');
  expect(figuresIn(text)).toEqual({ cpuSeconds: 12.5, loopP99Ms: 12.5, databaseWaiting: 7, appendsWaiting: 2 });
});
