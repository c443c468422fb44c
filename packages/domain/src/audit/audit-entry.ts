import type { AccountId, Id, Instant, SessionId } from '../kernel/ids.ts';

/**
 * Who acted: a person, a server of the account by its API key, the operator at the machine or by the system key, the server itself (a job), or somebody
 * who did not say who they are.
 */
export type AuditActorKind = 'user' | 'apiKey' | 'operator' | 'system' | 'anonymous';

export type AuditActor =
  | Readonly<{ kind: 'user' | 'apiKey'; id: string }>
  | Readonly<{ kind: Exclude<AuditActorKind, 'user' | 'apiKey'>; id?: undefined }>;

/** Who did what to whom, from where, and when. Written with what it tells of, and never changed. */
export type AuditEntry = Readonly<{
  accountId: AccountId;
  id: Id<'auditEntry'>;
  /** The name of an `AuditAction`. */
  action: string;
  actor: AuditActor;
  target: Readonly<{ type: string; id: string }>;
  /** Of who acted; empty for what was done at the machine. */
  ip: string;
  userAgent: string;
  /** By which they acted, or which they opened. */
  sessionId: SessionId | undefined;
  requestId: string;
  details: Readonly<Record<string, unknown>>;
  at: Instant;
}>;

/** As it is read: with its place in the hash chain, once it is sealed. */
export type LoggedEntry = AuditEntry & Readonly<{ seal?: Readonly<{ number: number; hash: string }> | undefined }>;

export interface AuditLogRepository {
  add(entry: AuditEntry): Promise<void>;
}
