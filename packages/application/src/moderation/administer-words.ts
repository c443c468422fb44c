import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { Links } from '@coucou/domain/moderation/links';
import { wordErrors } from '@coucou/domain/moderation/moderation-rule';
import { type WordAction, WordList, type WordRule } from '@coucou/domain/moderation/word-list';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { ModerationRules, WordRules } from './repositories.ts';

const deps = { uow: unitOfWork({ wordRules: WordRules, auditLog: AuditLog }), ...auditPorts };

function normal(word: string): string {
  const normalized = WordList.normalize(word);
  const length = [...normalized].length;
  if (length === 0 || length > limits.listedWord)
    throw errors.VALIDATION_FAILED([
      { path: ['word'], rule: 'length', message: `A word has 1 to ${limits.listedWord} letters or digits.` },
    ]);
  return normalized;
}

export const listWords = adminUseCase({
  name: 'admin.listWords',
  deps: { uow: unitOfWork({ wordRules: WordRules }) },
  run: ({ uow }, page: Readonly<{ limit: number; cursor?: string | undefined }>, { account }) =>
    uow.read(account, (tx) => tx.wordRules.page(page)),
});

/** All of them, for the command line. */
export const listAllWords = adminUseCase({
  name: 'admin.listAllWords',
  deps: { uow: unitOfWork({ wordRules: WordRules }) },
  run: ({ uow }, _: Readonly<Record<never, never>>, { account }) => uow.read(account, (tx) => tx.wordRules.list()),
});

export const putWord = adminUseCase({
  name: 'admin.putWord',
  deps,
  run: ({ uow, ...ports }, { word, action }: WordRule, call) =>
    uow.write(call.account, async (tx): Promise<WordRule> => {
      const rule = { word: normal(word), action };
      await tx.wordRules.put(rule);
      // Counted with it: a word that was listed before takes no further place.
      if ((await tx.wordRules.lockCount()) > limits.listedWords) throw wordErrors.LIMIT_REACHED({ limit: limits.listedWords });
      await recordAudit(ports, tx, call, moderationActions.word_listed, { details: rule });
      return rule;
    }),
});

export const deleteWord = adminUseCase({
  name: 'admin.deleteWord',
  deps,
  run: ({ uow, ...ports }, { word }: Readonly<{ word: string }>, call) =>
    uow.write(call.account, async (tx) => {
      const details = { word: normal(word) };
      if (!(await tx.wordRules.remove(details.word))) throw wordErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, moderationActions.word_unlisted, { details });
    }),
});

/** What would become of a text, as words and rules are now; nothing is stored, and nobody is told. How often it was sent is not known here. */
export const testText = adminUseCase({
  name: 'admin.testText',
  deps: { uow: unitOfWork({ wordRules: WordRules, rules: ModerationRules }) },
  run: ({ uow }, { text }: Readonly<{ text: string }>, { account }) =>
    uow.read(account, async (tx) => {
      const list = WordList.of(await tx.wordRules.list());
      const hit = (await tx.rules.list()).filter(
        ({ enabled, kind, threshold, allowedHosts }) => enabled && kind === 'links' && Links.count(text, allowedHosts) >= threshold,
      );
      const { action, content } = WordList.judge(list, text);
      const isRefused = action === 'reject' || hit.some((rule) => rule.action !== 'report');
      const outcome: 'accept' | WordAction = isRefused ? 'reject' : action;
      return { outcome, content: isRefused ? undefined : content, words: [...WordList.matches(list, text)], rules: hit };
    }),
});
