import { token } from '../kernel/token.ts';

/**
 * Why a call has no answer. `refused`: not a place that this server calls; `unreachable`: no connection, or none that lasted; `timeout`, `too_large`,
 * `too_many_redirects`: beyond the limits; `not_http`: an answer that cannot be read.
 */
export type OutboundFault = 'refused' | 'unreachable' | 'timeout' | 'too_large' | 'too_many_redirects' | 'not_http';

type OutboundCall = Readonly<{
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Of the answer's body. */
  maxBytes: number;
}>;
/** `redirect`: whether up to three redirects are followed, or one is the answer. */
export type OutboundGet = OutboundCall & Readonly<{ redirect: 'follow' | 'manual' }>;
export type OutboundPost = OutboundCall & Readonly<{ body: string | Uint8Array }>;

export type OutboundAnswer = Readonly<{
  status: number;
  /** Undefined for a header that the answer does not have. */
  header: (name: string) => string | undefined;
  /** In the charset that the answer names, UTF-8 without one; what cannot be read as that is replaced. */
  text: string;
}>;

/** Calls to addresses that accounts name, through the guard of the server: no internal address, also not by a redirect or by a name that changes. */
export interface OutboundCalls {
  /** Whether an address may be called at all, as far as that can be told without looking its name up. */
  accepts(url: string): boolean;
  /** Does not reject. */
  get(request: OutboundGet): Promise<OutboundAnswer | OutboundFault>;
  /** Follows no redirect. Does not reject. */
  post(request: OutboundPost): Promise<OutboundAnswer | OutboundFault>;
}
export const OutboundCalls = token<OutboundCalls>('OutboundCalls');
