import { burns, LEAST_BAD, type Slo, slos } from './slos.ts';

/** `page`: somebody looks at once. `ticket`: on the next working day. */
export type Severity = 'page' | 'ticket';

/** An alert of Prometheus. `summary` and `description` are its templates; the page of an alert is docs/runbooks/<page>.md. */
export type Alert = Readonly<{
  name: `Coucou${string}`;
  severity: Severity;
  expr: string;
  /** How long the expression is to hold; absent: not at all. */
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
  send: ['CoucouSendBudgetBurn', 'Sending is slow or fails'],
  delivery: ['CoucouDeliveryBudgetBurn', 'Events arrive late or get lost'],
  sync: ['CoucouSyncBudgetBurn', 'Clients that come back are not led on'],
  login: ['CoucouLoginBudgetBurn', 'Signing in fails'],
} as const;

/** The two alerts of a promise: its budget is used up soon, or will be. */
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
      description: `Promised for ${objective * 100} % of 30 days: ${promise}. {{ $value | humanizePercentage }} are worse.`,
    };
  });

const nodes: readonly Alert[] = [
  {
    name: 'CoucouAllDown',
    severity: 'page',
    expr: 'absent(up{job="coucou"} == 1)',
    for: '1m',
    summary: 'No node answers',
    description: 'Prometheus reaches the metrics of no node, or knows of none.',
  },
  {
    name: 'CoucouNodeDown',
    severity: 'page',
    expr: 'up{job="coucou"} == 0',
    for: '2m',
    summary: '{{ $labels.instance }} does not answer',
    description: 'Its metrics have not been read for two minutes; its clients are on the other nodes, if there are any.',
  },
  {
    name: 'CoucouRestarts',
    severity: 'ticket',
    expr: 'changes(process_start_time_seconds{job="coucou"}[30m]) > 2',
    summary: '{{ $labels.instance }} starts again and again',
    description: 'It was started {{ $value }} times in half an hour.',
  },
  {
    name: 'CoucouEventLoopSlow',
    severity: 'ticket',
    expr: 'nodejs_eventloop_lag_p99_seconds{job="coucou"} > 0.2',
    for: '5m',
    summary: '{{ $labels.instance }} has too much to do',
    description: 'Everything on it waits up to {{ $value | humanizeDuration }} for the processor.',
  },
  {
    name: 'CoucouFilesExhausted',
    severity: 'page',
    expr: 'process_open_fds{job="coucou"} / process_max_fds{job="coucou"} > 0.8',
    for: '5m',
    summary: '{{ $labels.instance }} runs out of file descriptors',
    description: '{{ $value | humanizePercentage }} are open. At the limit it accepts no connection.',
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
    description: '{{ $value | humanizePercentage }} of all calls are answered with an error of the server.',
  },
  {
    name: 'CoucouConnectionsRefused',
    severity: 'ticket',
    expr: 'sum(rate(coucou_limits_refused_total{policy=~"admission|connections|handshakes|unauthenticated"}[5m])) > 1',
    for: '5m',
    summary: 'Clients cannot connect',
    description: '{{ $value | humanize }} connections a second are refused by a limit.',
  },
  {
    name: 'CoucouSlowConsumers',
    severity: 'ticket',
    expr: 'sum(increase(coucou_sockets_ended_total{reason="slow_consumer"}[15m])) > 20',
    summary: 'Many clients do not read what they are sent',
    description: '{{ $value | humanize }} sockets were closed for it in a quarter of an hour.',
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
    summary: 'Somebody guesses passwords',
    description: '{{ $value | humanize }} attempts to sign in were refused in ten minutes, most of all.',
  },
  {
    name: 'CoucouRefreshReplays',
    severity: 'ticket',
    expr: 'sum(increase(coucou_session_refreshes_total{outcome="replayed"}[1h])) > 10',
    summary: 'Refresh tokens are used twice',
    description: '{{ $value | humanize }} sessions were ended for it in an hour: tokens were stolen, or a client keeps old ones.',
  },
];

const database: readonly Alert[] = [
  {
    name: 'CoucouDatabaseAway',
    severity: 'page',
    expr: 'up{job="coucou"} == 1 unless on (instance) coucou_outbox_due_events',
    for: '2m',
    summary: 'The database does not answer {{ $labels.instance }}',
    description: 'A question that takes milliseconds was not answered within two seconds. Calls are answered 503.',
  },
  {
    name: 'CoucouDatabaseBusy',
    severity: 'ticket',
    expr: 'sum by (instance, pool) (coucou_database_waiting) > 0',
    for: '5m',
    summary: 'Work waits for the database at {{ $labels.instance }}',
    description: 'For five minutes something has waited for a connection of the pool {{ $labels.pool }}, now {{ $value }}.',
  },
  {
    name: 'CoucouOldTransaction',
    severity: 'ticket',
    expr: 'max(coucou_database_oldest_transaction_seconds) > 300',
    for: '1m',
    summary: 'A transaction does not end',
    description: 'It has been open for {{ $value | humanizeDuration }}, and holds its locks and dead rows.',
  },
  {
    name: 'CoucouSealLate',
    severity: 'ticket',
    expr: 'max(coucou_audit_seal_lag_seconds) > 300',
    for: '5m',
    summary: 'The audit log is not sealed',
    description: 'The oldest entry without a seal is {{ $value | humanizeDuration }} old; until then it can be changed unnoticed.',
  },
];

const redis: readonly Alert[] = [
  {
    name: 'CoucouRedisAway',
    severity: 'page',
    expr: 'coucou_redis_up == 0',
    for: '2m',
    summary: 'Redis does not answer {{ $labels.instance }}',
    description: 'Events of other nodes come late, limits are counted per node, and each node runs its own jobs.',
  },
  {
    name: 'CoucouRedisMemory',
    severity: 'ticket',
    expr: 'max(coucou_redis_memory_bytes{of="used"}) / max(coucou_redis_memory_bytes{of="limit"}) > 0.9',
    for: '5m',
    summary: 'Redis is nearly full',
    description: '{{ $value | humanizePercentage }} of maxmemory are used. Full, it takes no jobs and no events.',
  },
  {
    name: 'CoucouEventsLost',
    severity: 'ticket',
    expr: [
      'sum(increase(coucou_node_events_total{outcome="lost"}[15m])) > 0',
      'or sum(increase(coucou_node_envelopes_total{outcome="missing"}[15m])) > 0',
    ].join('\n'),
    summary: 'Nodes miss events of other nodes',
    description: '{{ $value | humanize }} were lost in a quarter of an hour; clients got them late, by comparing with the database.',
  },
];

const jobs: readonly Alert[] = [
  {
    name: 'CoucouOutboxLate',
    severity: 'ticket',
    expr: 'max(coucou_outbox_lag_seconds) > 60',
    for: '5m',
    summary: 'Side effects trail behind',
    description: 'The oldest that is due has waited for {{ $value | humanizeDuration }}: mails, notifications, webhooks.',
  },
  {
    name: 'CoucouDeadLetters',
    severity: 'ticket',
    expr: 'max(coucou_outbox_dead_letters) > 0',
    for: '10m',
    summary: 'Side effects were given up',
    description: '{{ $value }} wait for somebody to retry or drop them.',
  },
  {
    name: 'CoucouQueueLate',
    severity: 'ticket',
    expr: [
      'max by (queue) (coucou_queue_oldest_seconds{queue="urgent"}) > 60',
      'or max by (queue) (coucou_queue_oldest_seconds{queue!="urgent"}) > 600',
    ].join('\n'),
    for: '2m',
    summary: 'Nobody takes jobs of the queue {{ $labels.queue }}',
    description: 'The oldest has waited for {{ $value | humanizeDuration }}.',
  },
  {
    name: 'CoucouScheduleLate',
    severity: 'ticket',
    expr: 'max by (schedule) (coucou_job_overdue_seconds) > 300',
    for: '5m',
    summary: 'No node runs {{ $labels.schedule }}',
    description: 'It could have run {{ $value | humanizeDuration }} ago.',
  },
  {
    name: 'CoucouScheduleFails',
    severity: 'ticket',
    expr: 'max by (schedule) (coucou_job_attempts) > 3',
    for: '5m',
    summary: '{{ $labels.schedule }} fails',
    description: 'It was begun {{ $value }} times since it was last done.',
  },
];

/** Those that are of no promise, by what they are about. */
export const otherAlerts = { nodes, clients, database, redis, jobs };

/** Every alert; a promise has two of one name. */
export const alerts: readonly Alert[] = [...slos.flatMap(budgetAlerts), ...Object.values(otherAlerts).flat()];
