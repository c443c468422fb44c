import { type AnyMetric, counterMetric, gaugeMetric, histogramMetric } from '../ports/metrics.ts';

/** Seconds: from a read in memory to what a client gives up on. */
const LATENCIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric of the server, by what it is about. The dashboard, the documentation and the tests are made from this. */
export const metrics = {
  info: gaugeMetric('coucou_info', 'Always 1; says what runs here.', ['version', 'node']),

  calls: counterMetric(
    'coucou_calls_total',
    'Calls that were answered, by transport (http, socket.io, websocket), operation and class of status; a refused call of a socket counts with the status that HTTP would answer. Operation "other": HTTP requests that call no operation, such as pages and health checks; "unknown": calls of operations that do not exist.',
    ['transport', 'operation', 'status'],
  ),
  callDuration: histogramMetric(
    'coucou_call_duration_seconds',
    'How long answered calls took: over HTTP from the request to the end of the answer, over sockets from the beginning of the work to the answer.',
    LATENCIES,
    ['transport', 'operation'],
  ),
  sendDuration: histogramMetric(
    'coucou_message_send_duration_seconds',
    'How long the calls of messages.send took that were acknowledged, over all transports; those that were refused or failed are not in it.',
    LATENCIES,
  ),
  sockets: gaugeMetric('coucou_sockets', 'Connected sockets by transport: polling and websocket of Socket.IO, and plain WebSockets.', [
    'transport',
  ]),
  strangers: gaugeMetric('coucou_unauthenticated_connections', 'Connections of any transport on this node that nobody has signed in to.'),
  people: gaugeMetric('coucou_connected_users', 'Users with a connected socket on this node.'),
  eventsAnnounced: counterMetric('coucou_events_announced_total', 'Events that were sent to a room or a person of this node, once each.'),
  eventsDelivered: counterMetric(
    'coucou_events_delivered_total',
    'Events handed to connections, once for each that gets it: the fan-out is this by coucou_events_announced_total.',
    ['transport'],
  ),

  deliveryLag: histogramMetric(
    'coucou_delivery_lag_seconds',
    'From the commit of an event to its delivery to the connections of this node, once for each audience; between nodes by their clocks, which differ.',
    LATENCIES,
  ),
  roomsHeld: gaugeMetric('coucou_rooms_held', 'Conversations whose events are held until the database has said who is in them.'),
  outgoingBuffer: gaugeMetric(
    'coucou_outgoing_buffer_bytes',
    'Bytes that wait for the clients of this node to read them: of all connections, and of the one that is furthest behind (largest).',
    ['of'],
  ),
  socketsEnded: counterMetric(
    'coucou_sockets_ended_total',
    'Sockets that ended, by reason: that which the client was given (slow_consumer, server_draining, rate_limited …), else what the transport said.',
    ['reason'],
  ),

  appends: counterMetric(
    'coucou_message_appends_total',
    'Messages given to the log, by outcome: stored, duplicate (a resend), conflict, stale (decided again), parked (waits for its conversation), slowed (by slow mode).',
    ['outcome'],
  ),
  appendBatch: histogramMetric(
    'coucou_message_append_batch_messages',
    'Messages that were stored by one statement.',
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  ),
  appendDuration: histogramMetric('coucou_message_append_duration_seconds', 'How long a batch of messages took to commit.', LATENCIES),
  appendsWaiting: gaugeMetric('coucou_message_appends_waiting', 'Messages that wait for the batch before theirs.'),

  cachedAnswers: counterMetric(
    'coucou_cached_answers_total',
    'Calls of operations whose answers are cached, by outcome: held (the client has it: 304), near (in this process), far (in Redis), joined (another call was making it), made (read from the database and kept), bypassed (of a kind that is not kept, or refused).',
    ['operation', 'outcome'],
  ),
  cacheBytes: gaugeMetric(
    'coucou_answer_cache_bytes',
    'Memory of answers that are kept in this process, by operation; two bytes a character.',
    ['operation'],
  ),

  syncs: counterMetric(
    'coucou_syncs_total',
    'Answers of sync.conversations, by outcome: complete, or reset, where the copy of a client could not be led on. Those that failed are in coucou_calls_total.',
    ['outcome'],
  ),
  syncResets: counterMetric(
    'coucou_sync_resets_total',
    'What a client had to read anew since its copy could not be led on: conversations and feeds.',
    ['of'],
  ),

  outboxDue: gaugeMetric('coucou_outbox_due_events', 'Events whose durable consequences are due.'),
  outboxLag: gaugeMetric('coucou_outbox_lag_seconds', 'For how long the oldest of them has been due.'),
  outboxDead: gaugeMetric('coucou_outbox_dead_letters', 'Events that were given up and wait for a person.'),
  outboxEvents: counterMetric('coucou_outbox_events_total', 'Events whose consequences ran: done, failed (tried again) or dead.', [
    'outcome',
  ]),

  queueWaiting: gaugeMetric('coucou_queue_waiting_jobs', 'Jobs that this node has put into a queue and nobody has taken yet.', ['queue']),
  queueOldest: gaugeMetric('coucou_queue_oldest_seconds', 'For how long the oldest of them has waited.', ['queue']),
  queueRunning: gaugeMetric('coucou_queue_running_jobs', 'Jobs that this node runs.', ['queue']),
  queueJobs: counterMetric(
    'coucou_queue_jobs_total',
    'Jobs that this node ran, by queue and outcome: done, failed (tried again), dead, or lost (another runs it).',
    ['queue', 'outcome'],
  ),
  queueJobDuration: histogramMetric('coucou_queue_job_duration_seconds', 'How long jobs took.', [0.01, 0.1, 1, 10, 60, 300], ['queue']),
  queueHere: counterMetric('coucou_queue_run_here_total', 'Jobs that were kept on the node that found them, since Redis was away.'),

  jobRuns: counterMetric(
    'coucou_job_runs_total',
    'Runs of recurring jobs by this node, by outcome: done, failed (tried again), stopped (with the server; another goes on) or lost (the node said nothing for longer than its lease, and another runs it).',
    ['schedule', 'outcome'],
  ),
  jobDuration: histogramMetric(
    'coucou_job_duration_seconds',
    'How long runs of recurring jobs took.',
    [0.01, 0.1, 1, 10, 60, 300],
    ['schedule'],
  ),
  jobOverdue: gaugeMetric(
    'coucou_job_overdue_seconds',
    'For how long a recurring job has waited for a node since it could run; of the whole deployment, asked of the database.',
    ['schedule'],
  ),
  jobAttempts: gaugeMetric(
    'coucou_job_attempts',
    'How often a recurring job was begun since it was last done: above 1 it fails, or nodes die of it.',
    ['schedule'],
  ),

  databaseConnections: gaugeMetric(
    'coucou_database_connections',
    'Connections to the database, by pool (main, log: appends, waiting: appends to a busy conversation, standby: reads from it, position: what it is compared with) and state (busy, idle).',
    ['pool', 'state'],
  ),
  standbyReads: counterMetric(
    'coucou_standby_reads_total',
    'Reads that a standby may answer (history, search, conversation list, sync), by the server that did (standby, primary) and why: level (with the primary); behind (it had not replayed what may have been seen), ahead (it showed what the primary did not yet), conflict (with its replay), failed, away, foreign (no standby of this primary, or none any more), unasked (the primary did not say where it stands). None without DATABASE_READ_URL.',
    ['server', 'reason'],
  ),
  oldestTransaction: gaugeMetric(
    'coucou_database_oldest_transaction_seconds',
    'For how long the oldest open transaction of the server’s login has run, on any node; it holds locks, and keeps dead rows from being cleared away.',
  ),
  databaseWaiting: gaugeMetric(
    'coucou_database_waiting',
    'Work that waits for a connection, by pool: main, append (batches of messages), contended (batches that wait for the lock of a conversation), standby and position (with DATABASE_READ_URL).',
    ['pool'],
  ),

  beforeSendCalls: counterMetric(
    'coucou_before_send_calls_total',
    'Messages about which the before-send hook of their account was to be asked, by outcome: accept, change, refuse; why there was no usable answer (answered, invalid, redirected, address_refused, unreachable, timeout, too_large, not_http); or that nobody was asked (circuit_open, busy).',
    ['outcome'],
  ),
  beforeSendBreaker: counterMetric(
    'coucou_before_send_breaker_total',
    'Changes of the circuit breakers of before-send hooks on this node, by the new state: opened, half_open (one message finds out) or closed.',
    ['state'],
  ),

  mails: counterMetric(
    'coucou_mails_total',
    'Mails that were due, by outcome: sent, suppressed (mail to the address had come back), refused (for good, by the mail server) or obsolete.',
    ['outcome'],
  ),

  mailTemplatesPassedOver: counterMetric(
    'coucou_mail_templates_passed_over_total',
    'Mails for which a template of an account was passed over, since this version of the server refuses it; `admin.listMailTemplates` names it.',
  ),

  auditUnsealed: gaugeMetric(
    'coucou_audit_unsealed_entries',
    'Entries of the audit log that wait for their seal, in all accounts; of the whole deployment, asked of the database, and counted up to 100,000.',
  ),
  auditSealLag: gaugeMetric('coucou_audit_seal_lag_seconds', 'Age of the oldest of them.'),

  activityRows: counterMetric(
    'coucou_activity_log_rows_total',
    'Rows of the connection log and the presence log: written, or lost since the database was away or slow.',
    ['log', 'outcome'],
  ),

  limitsRefused: counterMetric('coucou_limits_refused_total', 'Calls that a limit refused, by policy.', ['policy']),
  limitsCountedHere: counterMetric('coucou_limits_counted_here_total', 'Calls that this node counted by itself, since Redis was away.'),

  logins: counterMetric(
    'coucou_logins_total',
    'Attempts to sign in, by operation and outcome: opened, challenged (a second factor is asked for), refused, limited or failed.',
    ['operation', 'outcome'],
  ),
  refreshes: counterMetric(
    'coucou_session_refreshes_total',
    'Uses of refresh tokens, by outcome: rotated, recovered (the answer once more), replayed (the session was ended) or refused.',
    ['outcome'],
  ),
  revocations: counterMetric('coucou_sessions_revoked_total', 'Sessions that were ended from this node, by reason.', ['reason']),

  redisUp: gaugeMetric('coucou_redis_up', '1 while Redis answers on every connection, else 0; absent without Redis.'),
  redisOutages: counterMetric('coucou_redis_outages_total', 'Times that Redis went away.'),
  redisMemory: gaugeMetric(
    'coucou_redis_memory_bytes',
    'Memory of Redis: used, and the limit where it has one (maxmemory); absent while Redis does not answer, and of a cluster.',
    ['of'],
  ),
  nodeEvents: counterMetric('coucou_node_events_total', 'Events between nodes: published, received, or lost since Redis was away.', [
    'outcome',
  ]),
  nodeEnvelopes: counterMetric('coucou_node_envelopes_total', 'Envelopes of other nodes that were ignored, or are missing.', ['outcome']),
} as const satisfies Readonly<Record<string, AnyMetric>>;
