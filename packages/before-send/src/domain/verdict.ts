/** What the service says of a message. */
export type Verdict =
  | Readonly<{ action: 'accept' }>
  | Readonly<{ action: 'change'; content: string | undefined; data: Readonly<Record<string, unknown>> | undefined }>
  | Readonly<{ action: 'refuse'; reason: string | undefined }>;

/**
 * Why there is no usable answer. `answered`: with another status than 200; `invalid`: with what says nothing, or a change that the message may not
 * take; `redirected`: nothing is followed; the others as those of an outbound call.
 */
export type Failure = 'answered' | 'invalid' | 'redirected' | 'address_refused' | 'unreachable' | 'timeout' | 'too_large' | 'not_http';

/** `status`: of HTTP, where there was an answer. */
export type Finding = Readonly<{ failure: Failure; status: number | undefined }>;

/** Why nobody was asked: the circuit breaker is open, or too many calls are under way. */
export type Unasked = 'circuit_open' | 'busy';
