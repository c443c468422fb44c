/** A service level objective over 30 days: `bad` and `total` count events within a window of PromQL, such as `5m`. */
export type Slo = Readonly<{
  name: 'send' | 'delivery' | 'sync' | 'login';
  /** The share of good events. */
  objective: number;
  /** One sentence for operators. */
  promise: string;
  bad: (window: string) => string;
  total: (window: string) => string;
}>;

const count = (series: string, window: string): string => `sum(increase(${series}[${window}]))`;
/** 0 while the series does not exist yet. */
const orNone = (expr: string): string => `(${expr} or vector(0))`;
/** Prometheus 3 writes the bound of a bucket as a float. */
const within = (histogram: string, bound: '0.25' | '1'): string => `${histogram}_bucket{le=${bound === '1' ? '~"1|1.0"' : `"${bound}"`}}`;

const failed = (operation: string) => (window: string) =>
  orNone(count(`coucou_calls_total{operation=~"${operation}",status="5xx"}`, window));

const SENT = 'coucou_message_send_duration_seconds';
const failedSends = failed('messages.send');

const LAG = 'coucou_delivery_lag_seconds';
const lost = (window: string): string => orNone(count('coucou_node_events_total{outcome="lost"}', window));

const failedSyncs = failed('sync.conversations');

const failedLogins = failed('auth.(login|secondFactor|passkeyLogin|consumeMagicLink|oauthExchange|exchangeToken)');

export const slos: readonly Slo[] = [
  {
    name: 'send',
    objective: 0.999,
    promise: 'sent messages are acknowledged within 250 ms',
    bad: (window) => `${count(`${SENT}_count`, window)} - ${count(within(SENT, '0.25'), window)} + ${failedSends(window)}`,
    total: (window) => `${count(`${SENT}_count`, window)} + ${failedSends(window)}`,
  },
  {
    name: 'delivery',
    objective: 0.999,
    promise: 'events reach the connections on every node within one second of their commit',
    bad: (window) => `${count(`${LAG}_count`, window)} - ${count(within(LAG, '1'), window)} + ${lost(window)}`,
    total: (window) => `${count(`${LAG}_count`, window)} + ${lost(window)}`,
  },
  {
    name: 'sync',
    objective: 0.99,
    promise: 'returning clients resume from their sync position, without a reset',
    bad: (window) => `${orNone(count('coucou_syncs_total{outcome="reset"}', window))} + ${failedSyncs(window)}`,
    total: (window) => `${orNone(count('coucou_syncs_total', window))} + ${failedSyncs(window)}`,
  },
  {
    name: 'login',
    objective: 0.995,
    promise: 'sign-ins with valid credentials succeed (rejected credentials and rate limits do not count)',
    bad: failedLogins,
    total: (window) => `${orNone(count('coucou_logins_total{outcome=~"opened|challenged"}', window))} + ${failedLogins(window)}`,
  },
];

export const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;

/**
 * Burn rates over two windows, as multiples of the rate that uses up the error budget in exactly 30 days: the long window shows that it is
 * significant, the short one that it is still going on (Google, The Site Reliability Workbook, chapter 5).
 */
export const burns = {
  page: [
    { short: '5m', long: '1h', factor: 14.4 },
    { short: '30m', long: '6h', factor: 6 },
  ],
  ticket: [
    { short: '2h', long: '1d', factor: 3 },
    { short: '6h', long: '3d', factor: 1 },
  ],
} as const;

/** Bad events that the long window needs at least: at night one failed call of three is a third. */
export const LEAST_BAD = 10;
