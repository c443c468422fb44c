/**
 * - `refused`: not a place that this server calls: no public address, no HTTPS, or not an address at all
 * - `unreachable`: no connection, or none that lasted until the end of the answer
 * - `timeout`, `too_large`, `too_many_redirects`: beyond the limits
 * - `not_http`: an answer that cannot be read
 */
export type OutboundReason = 'refused' | 'unreachable' | 'timeout' | 'too_large' | 'too_many_redirects' | 'not_http';

/** Why an outbound call has no answer. The message names the host, for the log of the operator; it is not for whoever named the URL. */
export class OutboundError extends Error {
  readonly reason: OutboundReason;

  constructor(reason: OutboundReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutboundError';
    this.reason = reason;
  }
}
