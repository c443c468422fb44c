/** Hard ceilings of integrations; the schemas hold those of what clients send. */
export const integrationLimits = {
  /** Of one account. */
  perAccount: 50,
  /** Unicode code points. */
  name: 80,
  /** Characters of an address on the web, of a host, of a user or password, and of a token for a provider. */
  url: 2_000,
  host: 253,
  credential: 1_000,
  /** Triggers of one outgoing webhook; Unicode code points of one. */
  triggers: 20,
  trigger: 50,
  /** Characters of a token of an incoming webhook; longer ones are not looked at. */
  token: 200,
  /** Messages that one incoming webhook posts, and checks of one integration, within a minute. */
  incomingPerMinute: 60,
  checksPerMinute: 6,
  /** Bytes of an answer that are read; beyond them the attempt has failed. */
  answerBytes: 65_536,
  /** A receiver may ask for no longer a wait than this. */
  retryAfterSeconds: 3_600,
} as const;

/**
 * What became of a check or a delivery. `answered`: with a status that is no success; `rejected`: this message, for good; `posting`: that person
 * may not post there; the others as those of an outbound call.
 */
export const outcomes = [
  'ok',
  'answered',
  'authentication',
  'redirected',
  'refused',
  'rejected',
  'posting',
  'suspended',
  'tls',
  'unreachable',
  'timeout',
  'too_large',
  'not_http',
  'not_smtp',
] as const;
