import { type Dashboard, max, of, query, quantile, quantiles, rare, rate, sum } from '../panels.ts';
import { slos } from '../slos.ts';

const shareOf = (status: string): string => `${sum(rate('coucou_calls_total', `status="${status}"`))} / ${sum(rate('coucou_calls_total'))}`;

const promises = slos.map(({ name, objective }) => {
  const budget = Number((1 - objective).toFixed(6));
  const burn = (window: string): string =>
    `coucou:${name}_bad:increase${window} / (coucou:${name}_total:increase${window} > 0) / ${budget}`;
  return { name, burn };
});

export const overview: Dashboard = {
  uid: 'coucou-overview',
  title: 'Coucou: overview',
  rows: [
    {
      title: 'SLOs and alerts',
      panels: [
        {
          title: 'Burn rate, last hour',
          unit: 'short',
          queries: promises.map(({ name, burn }) => query(name, burn('1h'))),
        },
        {
          title: 'Burn rate, last three days',
          unit: 'short',
          queries: promises.map(({ name, burn }) => query(name, burn('3d'))),
        },
        {
          title: 'Alerts',
          unit: 'short',
          queries: [rare('an alert fires', '{{alertname}}, {{severity}}', 'count by (alertname, severity) (ALERTS{alertstate="firing"})')],
        },
      ],
    },
    {
      title: 'Clients',
      panels: [
        {
          title: 'Connected sockets',
          unit: 'short',
          isStacked: true,
          queries: [query('{{transport}}', sum(of('coucou_sockets'), 'transport'))],
        },
        {
          title: 'People online',
          unit: 'short',
          isStacked: true,
          queries: [query('{{instance}}', sum(of('coucou_connected_users'), 'instance'))],
        },
        {
          title: 'Requests per minute',
          unit: 'cpm',
          isStacked: true,
          queries: [query('{{transport}}', `60 * ${sum(rate('coucou_calls_total'), 'transport')}`)],
        },
        {
          title: 'Error rate',
          unit: 'percentunit',
          queries: [query('5xx', shareOf('5xx')), rare('a call is refused', '4xx', shareOf('4xx'))],
        },
        { title: 'Latency of calls', unit: 's', queries: quantiles('coucou_call_duration_seconds') },
        {
          title: 'Slowest operations (p99)',
          unit: 's',
          queries: [query('{{operation}}', `topk(10, ${quantile(0.99, 'coucou_call_duration_seconds', 'operation')})`)],
        },
        {
          title: 'Failing operations (5xx per minute)',
          unit: 'cpm',
          queries: [
            rare('a call fails', '{{operation}}', `topk(10, 60 * ${sum(rate('coucou_calls_total', 'status="5xx"'), 'operation')} > 0)`),
          ],
        },
      ],
    },
    {
      title: 'Nodes',
      panels: [
        { title: 'Nodes up', unit: 'short', queries: [query('{{instance}}', of('up', 'job="coucou"'))] },
        { title: 'Versions', unit: 'short', queries: [query('{{version}}', `count by (version) (${of('coucou_info')})`)] },
        {
          title: 'Uptime',
          unit: 's',
          queries: [query('{{instance}}', `time() - ${of('process_start_time_seconds', 'job="coucou"')}`)],
        },
        {
          title: 'Event loop lag (p99)',
          unit: 's',
          queries: [query('{{instance}}', of('nodejs_eventloop_lag_p99_seconds', 'job="coucou"'))],
        },
        { title: 'CPU', unit: 'percentunit', queries: [query('{{instance}}', rate('process_cpu_seconds_total', 'job="coucou"'))] },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: [
            query('{{instance}}, resident', of('process_resident_memory_bytes', 'job="coucou"')),
            query('{{instance}}, heap', of('nodejs_heap_size_used_bytes', 'job="coucou"')),
          ],
        },
        {
          title: 'Garbage collection',
          unit: 'percentunit',
          queries: [query('{{instance}}', sum(rate('nodejs_gc_duration_seconds_sum', 'job="coucou"'), 'instance'))],
        },
        {
          title: 'File descriptors',
          unit: 'percentunit',
          queries: [
            query(
              '{{instance}}',
              `${max(of('process_open_fds', 'job="coucou"'), 'instance')} / ${max(of('process_max_fds', 'job="coucou"'), 'instance')}`,
            ),
          ],
        },
        {
          title: 'Memory of the answer cache',
          unit: 'bytes',
          queries: [query('{{operation}}', sum(of('coucou_answer_cache_bytes'), 'operation'))],
        },
      ],
    },
  ],
};
