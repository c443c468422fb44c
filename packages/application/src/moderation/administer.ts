import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { operatorCall } from '../accounts/operator-call.ts';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { type WordAction, WordList, type WordRule } from '@coucou/domain/moderation/word-list';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Ports } from '../kernel/token.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { WordRules } from './repositories.ts';

/** Administrative actions, called from the command line. */
export const administerPorts = { uow: unitOfWork({ wordRules: WordRules, auditLog: AuditLog }), ...auditPorts };
type Given = Ports<typeof administerPorts>;

function normal(word: string): string {
  const normalized = WordList.normalize(word);
  const length = [...normalized].length;
  if (length === 0 || length > limits.listedWord)
    throw errors.VALIDATION_FAILED([
      { path: ['word'], rule: 'length', message: `A word has 1 to ${limits.listedWord} letters or digits.` },
    ]);
  return normalized;
}

export async function putWord({ uow, ...ports }: Given, account: AccountId, word: string, action: WordAction): Promise<WordRule> {
  const rule = { word: normal(word), action };
  await uow.write(account, async (tx) => {
    await tx.wordRules.put(rule);
    await recordAudit(ports, tx, operatorCall(account), moderationActions.word_listed, { details: rule });
  });
  return rule;
}

/** False when it was not listed. */
export const removeWord = ({ uow, ...ports }: Given, account: AccountId, word: string): Promise<boolean> =>
  uow.write(account, async (tx) => {
    const isRemoved = await tx.wordRules.remove(normal(word));
    const details = { word: normal(word) };
    if (isRemoved) await recordAudit(ports, tx, operatorCall(account), moderationActions.word_unlisted, { details });
    return isRemoved;
  });

export const listWords = ({ uow }: Given, account: AccountId): Promise<WordRule[]> => uow.read(account, (tx) => tx.wordRules.list());
