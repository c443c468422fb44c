type Query = Readonly<{ expr: string; legend: string }>;
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'cpm' | 'eps';
type Panel = Readonly<{ title: string; unit: Unit; queries: readonly Query[]; isStacked?: true }>;
type Row = Readonly<{ title: string; panels: readonly Panel[] }>;

const query = (legend: string, expr: string): Query => ({ legend, expr });

/** The selector of every query: the nodes that were picked, and more labels. */
const of = (metric: string, labels = ''): string => `${metric}{instance=~"$instance"${labels === '' ? '' : `,${labels}`}}`;
const rate = (metric: string, labels = ''): string => `rate(${of(metric, labels)}[$__rate_interval])`;
const sum = (expr: string, by = ''): string => (by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`);
const quantile = (q: number, histogram: string, by = ''): string =>
  `histogram_quantile(${q}, ${sum(rate(`${histogram}_bucket`), by === '' ? 'le' : `le, ${by}`)})`;
const quantiles = (histogram: string): Query[] => [0.5, 0.95, 0.99].map((q) => query(`p${q * 100}`, quantile(q, histogram)));
const shareOf = (status: string): string => `${sum(rate('coucou_calls_total', `status="${status}"`))} / ${sum(rate('coucou_calls_total'))}`;

const rows: readonly Row[] = [
  {
    title: 'Clients',
    panels: [
      {
        title: 'Connected sockets',
        unit: 'short',
        isStacked: true,
        queries: [query('{{transport}}', sum(of('coucou_sockets'), 'transport'))],
      },
      { title: 'Connected users', unit: 'short', queries: [query('users', sum(of('coucou_connected_users')))] },
      {
        title: 'Requests per minute',
        unit: 'cpm',
        isStacked: true,
        queries: [query('{{transport}}', `60 * ${sum(rate('coucou_calls_total'), 'transport')}`)],
      },
      { title: 'Error rate', unit: 'percentunit', queries: [query('5xx', shareOf('5xx')), query('4xx', shareOf('4xx'))] },
      { title: 'Latency of calls', unit: 's', queries: quantiles('coucou_call_duration_seconds') },
      {
        title: 'Slowest operations (p99)',
        unit: 's',
        queries: [query('{{operation}}', `topk(10, ${quantile(0.99, 'coucou_call_duration_seconds', 'operation')})`)],
      },
      {
        title: 'Operations that fail (5xx per minute)',
        unit: 'cpm',
        queries: [query('{{operation}}', `topk(10, 60 * ${sum(rate('coucou_calls_total', 'status="5xx"'), 'operation')})`)],
      },
    ],
  },
  {
    title: 'Messages and events',
    panels: [
      { title: 'Messages by outcome', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_message_appends_total'), 'outcome'))] },
      { title: 'Commit of a batch', unit: 's', queries: quantiles('coucou_message_append_duration_seconds') },
      { title: 'Messages of a batch', unit: 'short', queries: quantiles('coucou_message_append_batch_messages') },
      {
        title: 'Events',
        unit: 'eps',
        queries: [
          query('announced', sum(rate('coucou_events_announced_total'))),
          query('delivered over {{transport}}', sum(rate('coucou_events_delivered_total'), 'transport')),
        ],
      },
      {
        title: 'Fan-out (connections of an event)',
        unit: 'short',
        queries: [query('connections', `${sum(rate('coucou_events_delivered_total'))} / ${sum(rate('coucou_events_announced_total'))}`)],
      },
      {
        title: 'Syncs',
        unit: 'eps',
        queries: [
          query('{{outcome}}', sum(rate('coucou_syncs_total'), 'outcome')),
          query('resets of {{of}}', sum(rate('coucou_sync_resets_total'), 'of')),
        ],
      },
    ],
  },
  {
    title: 'Queues',
    panels: [
      { title: 'Outbox: events that are due', unit: 'short', queries: [query('due', `max(${of('coucou_outbox_due_events')})`)] },
      { title: 'Outbox: dead letters', unit: 'short', queries: [query('dead', `max(${of('coucou_outbox_dead_letters')})`)] },
      { title: 'Outbox: how far behind', unit: 's', queries: [query('lag', `max(${of('coucou_outbox_lag_seconds')})`)] },
      {
        title: 'Outbox: events by outcome',
        unit: 'eps',
        queries: [query('{{outcome}}', sum(rate('coucou_outbox_events_total'), 'outcome'))],
      },
      {
        title: 'Job queues: what waits and what runs',
        unit: 'short',
        queries: [
          query('{{queue}}, waiting', sum(of('coucou_queue_waiting_jobs'), 'queue')),
          query('{{queue}}, running', sum(of('coucou_queue_running_jobs'), 'queue')),
        ],
      },
      {
        title: 'Job queues: the oldest that waits',
        unit: 's',
        queries: [query('{{queue}}', `max by (queue) (${of('coucou_queue_oldest_seconds')})`)],
      },
      {
        title: 'Job queues: jobs by outcome',
        unit: 'eps',
        queries: [
          query('{{queue}}, {{outcome}}', sum(rate('coucou_queue_jobs_total'), 'queue, outcome')),
          query('kept here without Redis', sum(rate('coucou_queue_run_here_total'))),
        ],
      },
      {
        title: 'Job queues: how long jobs take (p99)',
        unit: 's',
        queries: [query('{{queue}}', quantile(0.99, 'coucou_queue_job_duration_seconds', 'queue'))],
      },
      {
        title: 'What waits',
        unit: 'short',
        queries: [
          query('messages', sum(of('coucou_message_appends_waiting'))),
          query('database, {{pool}}', sum(of('coucou_database_waiting'), 'pool')),
        ],
      },
      {
        title: 'Connections to the database',
        unit: 'short',
        isStacked: true,
        queries: [query('{{pool}}, {{state}}', sum(of('coucou_database_connections'), 'pool, state'))],
      },
      {
        title: 'Scheduled jobs: runs per minute',
        unit: 'cpm',
        queries: [query('{{schedule}}, {{outcome}}', `60 * ${sum(rate('coucou_job_runs_total'), 'schedule, outcome')}`)],
      },
      {
        title: 'Mails by outcome',
        unit: 'eps',
        queries: [query('{{outcome}}', sum(rate('coucou_mails_total'), 'outcome'))],
      },
      {
        title: 'Connection and presence logs: rows',
        unit: 'eps',
        queries: [query('{{log}}, {{outcome}}', sum(rate('coucou_activity_log_rows_total'), 'log, outcome'))],
      },
      {
        title: 'Audit log: entries without a seal',
        unit: 'short',
        queries: [query('entries', `max(${of('coucou_audit_unsealed_entries')})`)],
      },
      { title: 'Audit log: the oldest of them', unit: 's', queries: [query('age', `max(${of('coucou_audit_seal_lag_seconds')})`)] },
      {
        title: 'Scheduled jobs: how long they take (p99)',
        unit: 's',
        queries: [query('{{schedule}}', quantile(0.99, 'coucou_job_duration_seconds', 'schedule'))],
      },
      {
        title: 'Jobs: overdue, and begun in vain',
        unit: 'short',
        queries: [
          query('{{schedule}}: seconds overdue', 'max by (schedule) (coucou_job_overdue_seconds)'),
          query('{{schedule}}: attempts', 'max by (schedule) (coucou_job_attempts)'),
        ],
      },
    ],
  },
  {
    title: 'Guards',
    panels: [
      {
        title: 'Refused by limits',
        unit: 'eps',
        queries: [
          query('{{policy}}', sum(rate('coucou_limits_refused_total'), 'policy')),
          query('counted without Redis', sum(rate('coucou_limits_counted_here_total'))),
        ],
      },
      { title: 'Logins by outcome', unit: 'eps', queries: [query('{{outcome}}', sum(rate('coucou_logins_total'), 'outcome'))] },
      {
        title: 'Refreshes by outcome',
        unit: 'eps',
        queries: [query('{{outcome}}', sum(rate('coucou_session_refreshes_total'), 'outcome'))],
      },
      {
        title: 'Sessions ended by reason',
        unit: 'eps',
        queries: [query('{{reason}}', sum(rate('coucou_sessions_revoked_total'), 'reason'))],
      },
    ],
  },
  {
    title: 'Nodes',
    panels: [
      { title: 'Event loop lag (p99)', unit: 's', queries: [query('{{instance}}', of('nodejs_eventloop_lag_p99_seconds'))] },
      { title: 'Processor', unit: 'percentunit', queries: [query('{{instance}}', rate('process_cpu_seconds_total'))] },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [
          query('{{instance}}, resident', of('process_resident_memory_bytes')),
          query('{{instance}}, heap', of('nodejs_heap_size_used_bytes')),
        ],
      },
      {
        title: 'Garbage collection',
        unit: 'percentunit',
        queries: [query('{{instance}}', sum(rate('nodejs_gc_duration_seconds_sum'), 'instance'))],
      },
      {
        title: 'Redis',
        unit: 'short',
        queries: [query('{{instance}}, up', of('coucou_redis_up')), query('{{instance}}, outages', of('coucou_redis_outages_total'))],
      },
      {
        title: 'Events between nodes',
        unit: 'eps',
        queries: [
          query('{{outcome}}', sum(rate('coucou_node_events_total'), 'outcome')),
          query('envelopes {{outcome}}', sum(rate('coucou_node_envelopes_total'), 'outcome')),
        ],
      },
    ],
  },
];

const PANEL = { width: 8, height: 8, inARow: 3 };
const source = { type: 'prometheus', uid: '${datasource}' };

/** deploy/grafana/coucou.json: the dashboard as Grafana imports it. */
export function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: inRow } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
    y += 1;
    inRow.forEach((panel, at) => {
      const x = (at % PANEL.inARow) * PANEL.width;
      if (at > 0 && x === 0) y += PANEL.height;
      panels.push(timeSeries(panels.length + 1, panel, { x, y, w: PANEL.width, h: PANEL.height }));
    });
    y += PANEL.height;
  }
  return {
    uid: 'coucou',
    title: 'Coucou',
    tags: ['coucou'],
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        {
          name: 'instance',
          label: 'Node',
          type: 'query',
          datasource: source,
          query: 'label_values(coucou_info, instance)',
          refresh: 2,
          multi: true,
          includeAll: true,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  };
}

function timeSeries(id: number, { title, unit, queries, isStacked }: Panel, gridPos: object): object {
  const custom = { fillOpacity: isStacked === true ? 20 : 0, ...(isStacked === true && { stacking: { mode: 'normal' } }) };
  return {
    id,
    type: 'timeseries',
    title,
    gridPos,
    datasource: source,
    fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: source,
      expr,
      legendFormat: legend,
    })),
  };
}
