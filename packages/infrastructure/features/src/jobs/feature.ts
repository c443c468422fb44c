import * as letters from '@coucou/application/jobs/administer-dead-letters';
import { AccountDeadLetters, DeadLetterReader } from '@coucou/application/jobs/dead-letters';
import { bind } from '@coucou/application/kernel/operation';
import * as contracts from '@coucou/contracts/jobs/dead-letters';
import { jobActions } from '@coucou/domain/jobs/audit-actions';
import { deadLetterActions, deadLetterErrors, jobErrors } from '@coucou/domain/jobs/dead-letter';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createDeadLetterReader } from '@coucou/postgres/jobs/dead-letter-reader';
import { createDeadLetterRepository } from '@coucou/postgres/jobs/dead-letter-repository';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { presentDeadLetter } from './presenters.ts';

/** What jobs leave for those who administer an account to decide on. */
export const jobsFeature = feature({
  name: 'jobs',
  operations: [
    bind(contracts.listDeadLetters, letters.listDeadLetters, presentPage(presentDeadLetter)),
    bind(contracts.getDeadLetter, letters.getDeadLetter, presentDeadLetter),
    bind(contracts.retryDeadLetter, letters.retryDeadLetter, () => {}),
    bind(contracts.dropDeadLetter, letters.dropDeadLetter, () => {}),
  ],
  errors: [deadLetterErrors, jobErrors],
  auditActions: [deadLetterActions, jobActions],
  storage: {
    repositories: [repository(AccountDeadLetters, createDeadLetterRepository)],
    readers: [reader(DeadLetterReader, createDeadLetterReader)],
  },
});
