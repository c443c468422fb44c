import { type Dashboard, max, of, query, quantiles, rare, rate, sum } from '../panels.ts';

export const databaseRedis: Dashboard = {
  uid: 'coucou-database-redis',
  title: 'Coucou: database and Redis',
  rows: [
    {
      title: 'Database',
      panels: [
        {
          title: 'Connections to the database',
          unit: 'short',
          isStacked: true,
          queries: [query('{{pool}}, {{state}}', sum(of('coucou_database_connections'), 'pool, state'))],
        },
        {
          title: 'Work queued for a connection',
          unit: 'short',
          queries: [query('{{pool}}', sum(of('coucou_database_waiting'), 'pool'))],
        },
        { title: 'Oldest transaction', unit: 's', queries: [query('age', max(of('coucou_database_oldest_transaction_seconds')))] },
        { title: 'Commit latency of message batches', unit: 's', queries: quantiles('coucou_message_append_duration_seconds') },
        {
          title: 'Nodes that can query the database',
          unit: 'short',
          queries: [query('nodes', `count(${of('coucou_outbox_due_events')})`)],
        },
        {
          title: 'Busiest operations (seconds per second)',
          unit: 'short',
          isStacked: true,
          queries: [query('{{operation}}', `topk(10, ${sum(rate('coucou_call_duration_seconds_sum'), 'operation')})`)],
        },
        {
          title: 'Reads by server',
          unit: 'ops',
          queries: [rare('DATABASE_READ_URL names a standby', '{{server}}', sum(rate('coucou_standby_reads_total'), 'server'))],
        },
        {
          title: 'Audit log: unsealed entries',
          unit: 'short',
          queries: [query('entries', max(of('coucou_audit_unsealed_entries')))],
        },
        {
          title: 'Audit log: age of the oldest unsealed entry',
          unit: 's',
          queries: [query('age', max(of('coucou_audit_seal_lag_seconds')))],
        },
        {
          title: 'Connection and presence logs: rows',
          unit: 'eps',
          queries: [query('{{log}}, {{outcome}}', sum(rate('coucou_activity_log_rows_total'), 'log, outcome'))],
        },
      ],
    },
    {
      title: 'Redis',
      panels: [
        { title: 'Redis up', unit: 'short', queries: [query('{{instance}}', of('coucou_redis_up'))] },
        { title: 'Outages', unit: 'short', queries: [query('{{instance}}', of('coucou_redis_outages_total'))] },
        {
          title: 'Redis memory',
          unit: 'bytes',
          queries: [
            query('used', max(of('coucou_redis_memory_bytes', 'of="used"'))),
            rare('Redis has a maxmemory', 'limit', max(of('coucou_redis_memory_bytes', 'of="limit"'))),
          ],
        },
        {
          title: 'Fallbacks without Redis',
          unit: 'eps',
          queries: [
            query('limits counted here', sum(rate('coucou_limits_counted_here_total'))),
            query('jobs run here', sum(rate('coucou_queue_run_here_total'))),
            query('events lost', sum(rate('coucou_node_events_total', 'outcome="lost"'))),
          ],
        },
        {
          title: 'Answers cached in Redis',
          unit: 'ops',
          queries: [
            rare(
              'a node has an answer of another',
              '{{operation}}',
              sum(rate('coucou_cached_answers_total', 'outcome="far"'), 'operation'),
            ),
          ],
        },
      ],
    },
  ],
};
