import type { DeadLetter as WireDeadLetter } from '@coucou/contracts/jobs/dead-letters';
import type { DeadLetter } from '@coucou/domain/jobs/dead-letter';
import type { z } from 'zod';

/** An error that is one of the catalogue's is kept with its code; what else went wrong is for the log alone. */
const CATALOGUED = /^(?<code>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): (?<error>.+)$/s;
const UNKNOWN = { code: 'INTERNAL', error: 'Something that nobody expected; the log of the server says more, under the id of the event.' };

const reasonOf = (error: string): z.infer<typeof WireDeadLetter>['reason'] => {
  const { code = UNKNOWN.code, error: sentence = UNKNOWN.error } = CATALOGUED.exec(error)?.groups ?? {};
  return { code, error: sentence };
};

export const presentDeadLetter = (letter: DeadLetter): z.infer<typeof WireDeadLetter> => ({
  id: letter.id,
  type: letter.type,
  payload: letter.payload,
  attempts: letter.attempts,
  reason: reasonOf(letter.error),
  storedAt: letter.storedAt.toISOString(),
  diedAt: letter.diedAt.toISOString(),
});
