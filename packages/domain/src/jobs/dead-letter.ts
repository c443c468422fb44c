import { defineAuditActions } from '../audit/audit-action.ts';
import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Id, Instant } from '../kernel/ids.ts';

export type DeadLetterId = Id<'deadLetter'>;

/** An event whose durable consequences were given up. `payload`: its fact. `error`: why its last attempt failed. */
export type DeadLetter = Readonly<{
  id: DeadLetterId;
  accountId: AccountId;
  type: string;
  payload: Readonly<Record<string, unknown>>;
  attempts: number;
  error: string;
  storedAt: Instant;
  diedAt: Instant;
}>;

export const deadLetterErrors = defineErrors('DEAD_LETTER', {
  NOT_FOUND: ['not_found', 'There is no such dead letter: it was tried again or dropped, or never was one.'],
});

export const jobErrors = defineErrors('JOB', {
  UNREADABLE: ['invalid', 'What was stored for this job cannot be read by this version of the server; it is not tried again by itself.'],
});

/** What is done with what was given up: by admins with one, by the operator with many. */
export const deadLetterActions = defineAuditActions({
  dead_letter_retried: { did: 'had a side effect tried again that was given up', target: 'deadLetter', details: { type: 'text' } },
  dead_letter_dropped: { did: 'dropped a side effect that was given up', target: 'deadLetter', details: { type: 'text' } },
  dead_letters_retried: { did: 'had side effects tried again that were given up', target: 'account', details: { count: 'number' } },
  dead_letters_dropped: { did: 'dropped side effects that were given up', target: 'account', details: { count: 'number' } },
});
