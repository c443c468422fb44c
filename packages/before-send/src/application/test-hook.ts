import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { ConversationType } from '@coucou/domain/conversations/permissions';
import { errors } from '@coucou/domain/kernel/errors';
import { beforeSendActions } from '../domain/audit-actions.ts';
import type { Finding, Verdict } from '../domain/verdict.ts';
import { askPorts, call as callHook, type ReadVerdict } from './ask.ts';
import { requireHook } from './administer-hook.ts';
import { Hooks } from './before-send-ports.ts';

export type TestHook = Readonly<{ text: string; conversationType: ConversationType }>;
export type TestedHook = Readonly<{ answer: Verdict | Finding; durationMs: number }>;

/**
 * What the hook says of a text, also while it is disabled or the breaker is open. Nothing is stored, and it says nothing of the hook's health: an
 * administrator tries out what does not work yet.
 */
export const testHook = (read: ReadVerdict) =>
  adminUseCase({
    name: 'admin.testBeforeSendHook',
    deps: { uow: unitOfWork({ hooks: Hooks, auditLog: AuditLog }), ...askPorts, ...auditPorts },
    async run({ uow, ...ports }, { text, conversationType }: TestHook, call): Promise<TestedHook> {
      const { account: accountId, actor } = call;
      const { clock, ids, gate } = ports;
      const hook = await uow.read(accountId, (tx) => requireHook(tx.hooks.lookup()));
      const leave = gate.place(accountId);
      if (leave === undefined) throw errors.OVERLOADED({ reason: 'too many calls of the hook are under way' });
      const began = clock.now();
      let answer: Verdict | Finding;
      try {
        const question = {
          action: 'send' as const,
          test: true as const,
          accountId,
          conversation: { id: ids.next<'conversation'>(), type: conversationType },
          senderId: actor?.userId ?? ids.next<'user'>(),
          message: { clientMessageId: ids.next(), type: 'text', content: text, attachments: [], mentions: [], forwarded: false },
        };
        answer = await callHook(ports, hook, question, read);
      } finally {
        leave();
      }
      const durationMs = Math.max(0, clock.now().getTime() - began.getTime());
      const outcome = 'failure' in answer ? answer.failure : answer.action;
      await uow.write(accountId, (tx) => recordAudit(ports, tx, call, beforeSendActions.before_send_hook_tested, { details: { outcome } }));
      return { answer, durationMs };
    },
  });
