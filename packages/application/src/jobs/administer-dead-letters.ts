import { type DeadLetter, deadLetterActions, deadLetterErrors, type DeadLetterId } from '@coucou/domain/jobs/dead-letter';
import type { DeadLetterRepository } from '@coucou/domain/jobs/dead-letter-repository';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { AccountDeadLetters, DeadLetterReader } from './dead-letters.ts';

type Named = Readonly<{ deadLetterId: DeadLetterId }>;

export const listDeadLetters = adminUseCase({
  name: 'admin.listDeadLetters',
  deps: { reader: DeadLetterReader },
  run: ({ reader }, { limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>, { account }) =>
    reader.list(account, { limit, cursor }),
});

/** Throws `DEAD_LETTER_NOT_FOUND`. */
export const getDeadLetter = adminUseCase({
  name: 'admin.getDeadLetter',
  deps: { uow: unitOfWork({ letters: AccountDeadLetters }) },
  async run({ uow }, { deadLetterId }: Named, { account }): Promise<DeadLetter> {
    const letter = await uow.read(account, (tx) => tx.letters.lookup(deadLetterId));
    if (letter === undefined) throw deadLetterErrors.NOT_FOUND();
    return letter;
  },
});

const decision = (
  name: string,
  action: (typeof deadLetterActions)['dead_letter_retried' | 'dead_letter_dropped'],
  decide: (letters: DeadLetterRepository, id: DeadLetterId) => Promise<DeadLetter | undefined>,
) =>
  adminUseCase({
    name,
    deps: { uow: unitOfWork({ letters: AccountDeadLetters, auditLog: AuditLog }), ...auditPorts },
    run: ({ uow, ...ports }, { deadLetterId }: Named, call) =>
      uow.write(call.account, async (tx) => {
        const letter = await decide(tx.letters, deadLetterId);
        if (letter === undefined) throw deadLetterErrors.NOT_FOUND();
        await recordAudit(ports, tx, call, action, { target: letter.id, details: { type: letter.type } });
      }),
  });

/** It is due at once, with all its attempts before it. Throws `DEAD_LETTER_NOT_FOUND`. */
export const retryDeadLetter = decision('admin.retryDeadLetter', deadLetterActions.dead_letter_retried, (letters, id) => letters.retry(id));

/** What it should have caused never happens. Throws `DEAD_LETTER_NOT_FOUND`. */
export const dropDeadLetter = decision('admin.dropDeadLetter', deadLetterActions.dead_letter_dropped, (letters, id) => letters.drop(id));
