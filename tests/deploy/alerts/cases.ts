import type { Severity } from '@coucou/docs/monitoring/alerts';

/** Series in the notation of promtool: `0+5x60` begins at 0 and goes up by 5 sixty times, `_` is a missing sample. */
export type Series = Readonly<Record<string, string>>;

export type Case = Readonly<{
  alert: string;
  severity: Severity;
  /** Between samples. */
  every: string;
  /** When it is looked at. */
  at: string;
  /** With these it fires, with these labels beside its name and severity. */
  broken: Series;
  fires?: readonly Readonly<Record<string, string>>[];
  /** With each of these it does not. No series at all is always one of them. */
  healthy: readonly Series[];
}>;

const NODES = ['a:9464', 'b:9464'];
const job = (instance: string) => `job="coucou",instance="${instance}"`;
const up = (...values: readonly string[]): Series => Object.fromEntries(values.map((value, at) => [`up{${job(NODES[at] ?? '')}}`, value]));
/** One node with this series. */
const one = (name: string, labels: string, values: string): Series => ({
  [`${name}{${job('a:9464')}${labels === '' ? '' : `,${labels}`}}`]: values,
});

/** So many in a step, over more than three days of half-hours. */
const steady = (perStep: number): string => `0+${perStep}x150`;

/** Of 1,000 sends in a step so many are slow, and so many fail. */
const sends = (slow: number, failed = 0): Series => ({
  ...one('coucou_message_send_duration_seconds_count', '', steady(1_000)),
  ...one('coucou_message_send_duration_seconds_bucket', 'le="0.25"', steady(1_000 - slow)),
  ...one('coucou_calls_total', 'operation="messages.send",transport="http",status="5xx"', steady(failed)),
});
const deliveries = (slow: number, lost = 0, le = '1'): Series => ({
  ...one('coucou_delivery_lag_seconds_count', '', steady(1_000)),
  ...one('coucou_delivery_lag_seconds_bucket', `le="${le}"`, steady(1_000 - slow)),
  ...one('coucou_node_events_total', 'outcome="lost"', steady(lost)),
});
const syncs = (reset: number, failed = 0): Series => ({
  ...one('coucou_syncs_total', 'outcome="complete"', steady(1_000 - reset)),
  ...one('coucou_syncs_total', 'outcome="reset"', steady(reset)),
  ...one('coucou_calls_total', 'operation="sync.conversations",transport="http",status="5xx"', steady(failed)),
});
const logins = (failed: number): Series => ({
  ...one('coucou_logins_total', 'operation="auth.login",outcome="opened"', steady(1_000)),
  ...one('coucou_logins_total', 'operation="auth.login",outcome="refused"', steady(500)),
  ...one('coucou_calls_total', 'operation="auth.login",transport="http",status="5xx"', steady(failed)),
});

const page = { severity: 'page', every: '1m', at: '2h' } as const;
const ticket = { severity: 'ticket', every: '30m', at: '3d' } as const;

const budgets: readonly Case[] = [
  {
    ...page,
    alert: 'CoucouSendBudgetBurn',
    broken: sends(10, 10),
    // Within the budget; three sends an hour of which one is slow; and what is over: an hour ago for five minutes.
    healthy: [
      sends(5),
      { ...sends(0), ...one('coucou_message_send_duration_seconds_bucket', 'le="0.25"', '0+1000x60 60000+800x5 64800+1000x60') },
      {
        ...one('coucou_message_send_duration_seconds_count', '', '0+0x60 3+0x60'),
        ...one('coucou_message_send_duration_seconds_bucket', 'le="0.25"', '0+0x60 2+0x60'),
      },
    ],
  },
  { ...ticket, alert: 'CoucouSendBudgetBurn', broken: sends(4), healthy: [sends(0.5)] },
  { ...page, alert: 'CoucouDeliveryBudgetBurn', broken: deliveries(0, 20), healthy: [deliveries(5), deliveries(5, 0, '1.0')] },
  { ...ticket, alert: 'CoucouDeliveryBudgetBurn', broken: deliveries(4, 0, '1.0'), healthy: [deliveries(0.5)] },
  { ...page, alert: 'CoucouSyncBudgetBurn', broken: syncs(100, 60), healthy: [syncs(50)] },
  { ...ticket, alert: 'CoucouSyncBudgetBurn', broken: syncs(40), healthy: [syncs(5)] },
  { ...page, alert: 'CoucouLoginBudgetBurn', broken: logins(90), healthy: [logins(20)] },
  { ...ticket, alert: 'CoucouLoginBudgetBurn', broken: logins(20), healthy: [logins(2)] },
];

const soon = { every: '15s', at: '20m' } as const;
const flat = (value: number): string => `${value}+0x240`;
const per = (step: number): string => `0+${step}x240`;

const others: readonly Case[] = [
  { ...soon, alert: 'CoucouAllDown', severity: 'page', broken: up('0x240', '0x240'), healthy: [up('0x240', flat(1))] },
  {
    ...soon,
    alert: 'CoucouNodeDown',
    severity: 'page',
    broken: up(flat(1), '1x40 0x200'),
    fires: [{ job: 'coucou', instance: 'b:9464' }],
    // One that is restarted is back within two minutes.
    healthy: [up(flat(1), '1x76 0x6')],
  },
  {
    ...soon,
    alert: 'CoucouRestarts',
    severity: 'ticket',
    broken: one('process_start_time_seconds', '', '100x20 200x20 300x20 400x20'),
    fires: [{ job: 'coucou', instance: 'a:9464' }],
    healthy: [one('process_start_time_seconds', '', '100x40 200x40')],
  },
  {
    ...soon,
    alert: 'CoucouEventLoopSlow',
    severity: 'ticket',
    broken: one('nodejs_eventloop_lag_p99_seconds', '', '0.3x240'),
    fires: [{ job: 'coucou', instance: 'a:9464' }],
    healthy: [one('nodejs_eventloop_lag_p99_seconds', '', '0.02x240'), one('nodejs_eventloop_lag_p99_seconds', '', '0.02x70 0.5x10')],
  },
  {
    ...soon,
    alert: 'CoucouFilesExhausted',
    severity: 'page',
    broken: { ...one('process_open_fds', '', flat(900)), ...one('process_max_fds', '', flat(1_024)) },
    fires: [{ job: 'coucou', instance: 'a:9464' }],
    healthy: [{ ...one('process_open_fds', '', flat(900)), ...one('process_max_fds', '', flat(65_536)) }],
  },
  {
    ...soon,
    alert: 'CoucouErrors',
    severity: 'page',
    broken: { ...one('coucou_calls_total', 'status="2xx"', per(100)), ...one('coucou_calls_total', 'status="5xx"', per(10)) },
    healthy: [
      { ...one('coucou_calls_total', 'status="2xx"', per(100)), ...one('coucou_calls_total', 'status="5xx"', per(1)) },
      // Few calls at night, of which some fail.
      { ...one('coucou_calls_total', 'status="2xx"', per(1)), ...one('coucou_calls_total', 'status="5xx"', per(0.5)) },
    ],
  },
  {
    ...soon,
    alert: 'CoucouConnectionsRefused',
    severity: 'ticket',
    broken: one('coucou_limits_refused_total', 'policy="connections"', per(60)),
    healthy: [
      one('coucou_limits_refused_total', 'policy="connections"', per(3)),
      one('coucou_limits_refused_total', 'policy="send"', per(60)),
    ],
  },
  {
    ...soon,
    alert: 'CoucouSlowConsumers',
    severity: 'ticket',
    broken: one('coucou_sockets_ended_total', 'reason="slow_consumer"', per(1)),
    healthy: [
      one('coucou_sockets_ended_total', 'reason="slow_consumer"', per(0.1)),
      one('coucou_sockets_ended_total', 'reason="client_closed"', per(10)),
    ],
  },
  {
    ...soon,
    alert: 'CoucouLoginGuessing',
    severity: 'ticket',
    broken: { ...one('coucou_logins_total', 'outcome="refused"', per(10)), ...one('coucou_logins_total', 'outcome="opened"', per(1)) },
    // A Monday morning.
    healthy: [{ ...one('coucou_logins_total', 'outcome="refused"', per(10)), ...one('coucou_logins_total', 'outcome="opened"', per(100)) }],
  },
  {
    ...soon,
    alert: 'CoucouRefreshReplays',
    severity: 'ticket',
    broken: one('coucou_session_refreshes_total', 'outcome="replayed"', per(1)),
    healthy: [
      one('coucou_session_refreshes_total', 'outcome="replayed"', per(0.05)),
      one('coucou_session_refreshes_total', 'outcome="rotated"', per(9)),
    ],
  },
  {
    ...soon,
    alert: 'CoucouDatabaseAway',
    severity: 'page',
    broken: { ...up(flat(1), flat(1)), ...one('coucou_outbox_due_events', '', '0x20 stale') },
    fires: NODES.map((instance) => ({ job: 'coucou', instance })),
    // A node that is down is another alert's; and a question that took too long once.
    healthy: [
      { ...up(flat(1), flat(0)), ...one('coucou_outbox_due_events', '', flat(3)) },
      { ...up(flat(1)), ...one('coucou_outbox_due_events', '', '0x76 _x2 0x200') },
    ],
  },
  {
    ...soon,
    alert: 'CoucouDatabaseBusy',
    severity: 'ticket',
    broken: one('coucou_database_waiting', 'pool="main"', flat(4)),
    fires: [{ instance: 'a:9464', pool: 'main' }],
    healthy: [one('coucou_database_waiting', 'pool="main"', '0 4 0 9 0 1 0 2 0x240')],
  },
  {
    ...soon,
    alert: 'CoucouOldTransaction',
    severity: 'ticket',
    broken: one('coucou_database_oldest_transaction_seconds', '', '0+15x240'),
    healthy: [one('coucou_database_oldest_transaction_seconds', '', flat(20))],
  },
  {
    ...soon,
    alert: 'CoucouSealLate',
    severity: 'ticket',
    broken: one('coucou_audit_seal_lag_seconds', '', '0+15x240'),
    healthy: [one('coucou_audit_seal_lag_seconds', '', flat(10))],
  },
  {
    ...soon,
    alert: 'CoucouRedisAway',
    severity: 'page',
    broken: one('coucou_redis_up', '', flat(0)),
    fires: [{ job: 'coucou', instance: 'a:9464' }],
    healthy: [one('coucou_redis_up', '', flat(1)), one('coucou_redis_up', '', '1x76 0x3')],
  },
  {
    ...soon,
    alert: 'CoucouRedisMemory',
    severity: 'ticket',
    broken: { ...one('coucou_redis_memory_bytes', 'of="used"', flat(95)), ...one('coucou_redis_memory_bytes', 'of="limit"', flat(100)) },
    healthy: [
      { ...one('coucou_redis_memory_bytes', 'of="used"', flat(50)), ...one('coucou_redis_memory_bytes', 'of="limit"', flat(100)) },
      // One without a limit.
      one('coucou_redis_memory_bytes', 'of="used"', flat(95)),
    ],
  },
  {
    ...soon,
    alert: 'CoucouEventsLost',
    severity: 'ticket',
    broken: {
      ...one('coucou_node_events_total', 'outcome="lost"', flat(0)),
      ...one('coucou_node_envelopes_total', 'outcome="missing"', '0x70 2x240'),
    },
    healthy: [
      { ...one('coucou_node_events_total', 'outcome="lost"', flat(7)), ...one('coucou_node_events_total', 'outcome="published"', per(9)) },
    ],
  },
  {
    ...soon,
    alert: 'CoucouOutboxLate',
    severity: 'ticket',
    broken: one('coucou_outbox_lag_seconds', '', '0+15x240'),
    healthy: [one('coucou_outbox_lag_seconds', '', flat(5)), one('coucou_outbox_lag_seconds', '', '0x60 300x10 0x240')],
  },
  {
    ...soon,
    alert: 'CoucouDeadLetters',
    severity: 'ticket',
    broken: one('coucou_outbox_dead_letters', '', flat(1)),
    healthy: [one('coucou_outbox_dead_letters', '', flat(0))],
  },
  {
    ...soon,
    alert: 'CoucouQueueLate',
    severity: 'ticket',
    broken: {
      ...one('coucou_queue_oldest_seconds', 'queue="urgent"', flat(90)),
      ...one('coucou_queue_oldest_seconds', 'queue="bulk"', flat(90)),
    },
    fires: [{ queue: 'urgent' }],
    healthy: [one('coucou_queue_oldest_seconds', 'queue="urgent"', flat(2)), one('coucou_queue_oldest_seconds', 'queue="bulk"', flat(300))],
  },
  {
    ...soon,
    alert: 'CoucouScheduleLate',
    severity: 'ticket',
    broken: one('coucou_job_overdue_seconds', 'schedule="audit.seal"', '0+15x240'),
    fires: [{ schedule: 'audit.seal' }],
    healthy: [one('coucou_job_overdue_seconds', 'schedule="audit.seal"', flat(3))],
  },
  {
    ...soon,
    alert: 'CoucouScheduleFails',
    severity: 'ticket',
    broken: one('coucou_job_attempts', 'schedule="mail.forgetBounces"', flat(5)),
    fires: [{ schedule: 'mail.forgetBounces' }],
    healthy: [one('coucou_job_attempts', 'schedule="mail.forgetBounces"', flat(1))],
  },
];

/** For every alert what makes it fire, and what does not. */
export const cases: readonly Case[] = [...budgets, ...others];
