import type { IssuerId } from '../kernel/ids.ts';
import type { ExternalIssuer } from './external-issuer.ts';

export interface IssuerRepository {
  /** The one whose tokens say this in `iss`. */
  find(issuer: string): Promise<ExternalIssuer | undefined>;
  lookup(id: IssuerId): Promise<ExternalIssuer | undefined>;
  /** Locked until the unit of work ends. */
  lock(id: IssuerId): Promise<ExternalIssuer | undefined>;
  /** As `lookup`; it is neither changed nor removed until the unit of work ends. */
  hold(id: IssuerId): Promise<ExternalIssuer | undefined>;
  /** Oldest first; at most `limit`. */
  list(limit: number): Promise<ExternalIssuer[]>;
  /** False when the account has it already. */
  add(issuer: ExternalIssuer): Promise<boolean>;
  update(issuer: ExternalIssuer): Promise<void>;
  /** Answers the one that was there. */
  remove(id: IssuerId): Promise<ExternalIssuer | undefined>;
}
