import { burns, LEAST_BAD, type Slo, slos } from './slos.ts';

/** `page`: needs an immediate response. `ticket`: on the next working day. */
export type Severity = 'page' | 'ticket';

/** An alert of Prometheus. `summary` and `description` are its templates; the page of an alert is docs/runbooks/<page>.md. */
export type Alert = Readonly<{
  name: `Coucou${string}`;
  severity: Severity;
  expr: string;
  /** How long the expression has to hold before the alert fires; absent: it fires at once. */
  for?: string;
  summary: string;
  description: string;
}>;

/** `CoucouNodeDown`: `node-down`. */
export const pageOf = ({ name }: Pick<Alert, 'name'>): string =>
  name
    .slice('Coucou'.length)
    .replaceAll(/(?<=.)[A-Z]/g, '-$&')
    .toLowerCase();

const titles = {
  send: ['CoucouSendBudgetBurn', 'Sends are slow or fail'],
  delivery: ['CoucouDeliveryBudgetBurn', 'Events are delivered late or lost'],
  sync: ['CoucouSyncBudgetBurn', 'Returning clients cannot resume their sync'],
  login: ['CoucouLoginBudgetBurn', 'Sign-ins fail'],
} as const;

/** The two alerts of an SLO: its error budget burns fast (page) or steadily (ticket). */
export const budgetAlerts = ({ name, objective, promise }: Slo): readonly Alert[] =>
  (['page', 'ticket'] as const).map((severity): Alert => {
    const [alert, summary] = titles[name];
    // Rounded, since 1 - 0.999 is no round number in binary.
    const budget = Number((1 - objective).toFixed(6));
    const share = (window: string) => `coucou:${name}_bad:increase${window} / coucou:${name}_total:increase${window}`;
    const both = burns[severity].map(({ short, long, factor }) =>
      [
        `(${share(short)} > ${factor} * ${budget})`,
        `and (${share(long)} > ${factor} * ${budget})`,
        `and (coucou:${name}_bad:increase${long} >= ${LEAST_BAD})`,
      ].join('\n'),
    );
    return {
      name: alert,
      severity,
      expr: both.join('\nor\n'),
      summary,
      description: `SLO: ${promise} for ${objective * 100} % over 30 days. {{ $value | humanizePercentage }} currently miss it.`,
    };
  });

const nodes: readonly Alert[] = [
  {
    name: 'CoucouAllDown',
    severity: 'page',
    expr: 'absent(up{job="coucou"} == 1)',
    for: '1m',
    summary: 'All nodes are down',
    description: 'Prometheus cannot scrape any node, or has no target.',
  },
  {
    name: 'CoucouNodeDown',
    severity: 'page',
    expr: 'up{job="coucou"} == 0',
    for: '2m',
    summary: '{{ $labels.instance }} is down',
    description: 'Scrapes have failed for two minutes; its clients have reconnected to the other nodes, if there are any.',
  },
  {
    name: 'CoucouRestarts',
    severity: 'ticket',
    expr: 'changes(process_start_time_seconds{job="coucou"}[30m]) > 2',
    summary: '{{ $labels.instance }} restarts repeatedly',
    description: 'It was started {{ $value }} times within half an hour.',
  },
  {
    name: 'CoucouEventLoopSlow',
    severity: 'ticket',
    expr: 'nodejs_eventloop_lag_p99_seconds{job="coucou"} > 0.2',
    for: '5m',
    summary: 'The event loop of {{ $labels.instance }} is blocked',
    description: 'Its p99 event-loop lag is {{ $value | humanizeDuration }}; all its work is delayed by that.',
  },
  {
    name: 'CoucouFilesExhausted',
    severity: 'page',
    expr: 'process_open_fds{job="coucou"} / process_max_fds{job="coucou"} > 0.8',
    for: '5m',
    summary: '{{ $labels.instance }} is running out of file descriptors',
    description: '{{ $value | humanizePercentage }} are in use. At the limit it accepts no connections.',
  },
];

const clients: readonly Alert[] = [
  {
    name: 'CoucouErrors',
    severity: 'page',
    expr: [
      'sum(rate(coucou_calls_total{status="5xx"}[5m])) / sum(rate(coucou_calls_total[5m])) > 0.05',
      'and sum(increase(coucou_calls_total{status="5xx"}[5m])) > 20',
    ].join('\n'),
    for: '5m',
    summary: 'Many calls fail',
    description: '{{ $value | humanizePercentage }} of all calls fail with a server error (5xx).',
  },
  {
    name: 'CoucouConnectionsRefused',
    severity: 'ticket',
    expr: 'sum(rate(coucou_limits_refused_total{policy=~"admission|connections|handshakes|unauthenticated"}[5m])) > 1',
    for: '5m',
    summary: 'Clients cannot connect',
    description: '{{ $value | humanize }} connections per second are rejected by a limit.',
  },
  {
    name: 'CoucouSlowConsumers',
    severity: 'ticket',
    expr: 'sum(increase(coucou_sockets_ended_total{reason="slow_consumer"}[15m])) > 20',
    summary: 'Many slow consumers',
    description: '{{ $value | humanize }} sockets were closed within 15 minutes because their clients read too slowly.',
  },
  {
    name: 'CoucouLoginGuessing',
    severity: 'ticket',
    expr: [
      'sum(increase(coucou_logins_total{outcome=~"refused|limited"}[10m])) > 100',
      'and sum(increase(coucou_logins_total{outcome=~"refused|limited"}[10m]))',
      '  > 3 * (sum(increase(coucou_logins_total{outcome=~"opened|challenged"}[10m])) or vector(0))',
    ].join('\n'),
    for: '5m',
    summary: 'Possible brute-force attack on passwords',
    description: '{{ $value | humanize }} sign-in attempts were rejected within ten minutes, the majority of all.',
  },
  {
    name: 'CoucouRefreshReplays',
    severity: 'ticket',
    expr: 'sum(increase(coucou_session_refreshes_total{outcome="replayed"}[1h])) > 10',
    summary: 'Refresh tokens are reused',
    description: '{{ $value | humanize }} sessions were revoked for it within an hour: tokens were stolen, or a client keeps old ones.',
  },
];

const database: readonly Alert[] = [
  {
    name: 'CoucouDatabaseAway',
    severity: 'page',
    expr: 'up{job="coucou"} == 1 unless on (instance) coucou_outbox_due_events',
    for: '2m',
    summary: '{{ $labels.instance }} cannot query the database',
    description: 'A query that takes milliseconds timed out after two seconds. Calls fail with 503.',
  },
  {
    name: 'CoucouDatabaseBusy',
    severity: 'ticket',
    expr: 'sum by (instance, pool) (coucou_database_waiting) > 0',
    for: '5m',
    summary: 'A database connection pool of {{ $labels.instance }} is saturated',
    description: 'For five minutes work has been queued for a connection of the pool {{ $labels.pool }}; now {{ $value }} wait.',
  },
  {
    name: 'CoucouOldTransaction',
    severity: 'ticket',
    expr: 'max(coucou_database_oldest_transaction_seconds) > 300',
    for: '1m',
    summary: 'A transaction stays open',
    description: 'It has been open for {{ $value | humanizeDuration }}; it holds its locks and blocks the removal of dead rows.',
  },
  {
    name: 'CoucouSealLate',
    severity: 'ticket',
    expr: 'max(coucou_audit_seal_lag_seconds) > 300',
    for: '5m',
    summary: 'Audit log entries are unsealed',
    description: 'The oldest unsealed entry is {{ $value | humanizeDuration }} old; until it is sealed, tampering goes undetected.',
  },
];

const redis: readonly Alert[] = [
  {
    name: 'CoucouRedisAway',
    severity: 'page',
    expr: 'coucou_redis_up == 0',
    for: '2m',
    summary: '{{ $labels.instance }} has no connection to Redis',
    description: 'Events from other nodes arrive late, rate limits are counted per node, and each node runs its own jobs.',
  },
  {
    name: 'CoucouRedisMemory',
    severity: 'ticket',
    expr: 'max(coucou_redis_memory_bytes{of="used"}) / max(coucou_redis_memory_bytes{of="limit"}) > 0.9',
    for: '5m',
    summary: 'Redis is running out of memory',
    description: '{{ $value | humanizePercentage }} of maxmemory is used. Once full, it rejects writes: no jobs and no events.',
  },
  {
    name: 'CoucouEventsLost',
    severity: 'ticket',
    expr: [
      'sum(increase(coucou_node_events_total{outcome="lost"}[15m])) > 0',
      'or sum(increase(coucou_node_envelopes_total{outcome="missing"}[15m])) > 0',
    ].join('\n'),
    summary: 'Events between nodes are lost',
    description: '{{ $value | humanize }} were lost within 15 minutes; clients received them late, after reconciliation with the database.',
  },
];

const jobs: readonly Alert[] = [
  {
    name: 'CoucouOutboxLate',
    severity: 'ticket',
    expr: 'max(coucou_outbox_lag_seconds) > 60',
    for: '5m',
    summary: 'The outbox lags behind',
    description: 'The oldest due event has waited for {{ $value | humanizeDuration }}: mails, notifications, webhooks are late.',
  },
  {
    name: 'CoucouDeadLetters',
    severity: 'ticket',
    expr: 'max(coucou_outbox_dead_letters) > 0',
    for: '10m',
    summary: 'There are dead letters',
    description: '{{ $value }} side effects failed for good and wait to be retried or dropped.',
  },
  {
    name: 'CoucouQueueLate',
    severity: 'ticket',
    expr: [
      'max by (queue) (coucou_queue_oldest_seconds{queue="urgent"}) > 60',
      'or max by (queue) (coucou_queue_oldest_seconds{queue!="urgent"}) > 600',
    ].join('\n'),
    for: '2m',
    summary: 'Jobs of the queue {{ $labels.queue }} are late',
    description: 'The oldest job has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'CoucouScheduleLate',
    severity: 'ticket',
    expr: 'max by (schedule) (coucou_job_overdue_seconds) > 300',
    for: '5m',
    summary: '{{ $labels.schedule }} is overdue',
    description: 'No node has started it, {{ $value | humanizeDuration }} after it was due.',
  },
  {
    name: 'CoucouScheduleFails',
    severity: 'ticket',
    expr: 'max by (schedule) (coucou_job_attempts) > 3',
    for: '5m',
    summary: '{{ $labels.schedule }} keeps failing',
    description: 'It was started {{ $value }} times since it last succeeded.',
  },
];

/** Alerts without an SLO, by what they are about. */
export const otherAlerts = { nodes, clients, database, redis, jobs };

/** Every alert; an SLO has two of one name. */
export const alerts: readonly Alert[] = [...slos.flatMap(budgetAlerts), ...Object.values(otherAlerts).flat()];
