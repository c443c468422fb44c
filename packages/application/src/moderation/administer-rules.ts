import type { ModerationRuleId } from '@coucou/domain/kernel/ids';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { ModerationRule, ruleErrors, type RuleTerms } from '@coucou/domain/moderation/moderation-rule';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { ModerationRules } from './repositories.ts';

const deps = { uow: unitOfWork({ rules: ModerationRules, auditLog: AuditLog }), ...auditPorts };

/** In the order in which they were made. */
export const listRules = adminUseCase({
  name: 'admin.listModerationRules',
  deps: { uow: unitOfWork({ rules: ModerationRules }) },
  run: ({ uow }, _: Readonly<Record<never, never>>, { account }) => uow.read(account, async (tx) => ({ items: await tx.rules.list() })),
});

const shown = ({ kind, action, threshold }: ModerationRule) => ({ kind, action, threshold });

export const createRule = adminUseCase({
  name: 'admin.createModerationRule',
  deps,
  run: ({ uow, ...ports }, terms: RuleTerms, call) =>
    uow.write(call.account, async (tx) => {
      const createdAt = ports.clock.now();
      const rule = ModerationRule.of({ accountId: call.account, id: ports.ids.next(), createdAt }, terms, createdAt);
      ModerationRule.requireRoom((await tx.rules.lock()).length);
      await tx.rules.put(rule);
      await recordAudit(ports, tx, call, moderationActions.moderation_rule_created, { target: rule.id, details: shown(rule) });
      return rule;
    }),
});

type OfRule = Readonly<{ ruleId: ModerationRuleId }>;

/** The terms as a whole, of whatever kind. */
export const putRule = adminUseCase({
  name: 'admin.putModerationRule',
  deps,
  run: ({ uow, ...ports }, { ruleId, ...terms }: OfRule & RuleTerms, call) =>
    uow.write(call.account, async (tx) => {
      const before = (await tx.rules.lock()).find(({ id }) => id === ruleId);
      if (before === undefined) throw ruleErrors.NOT_FOUND();
      const rule = ModerationRule.of(before, terms, ports.clock.now());
      await tx.rules.put(rule);
      await recordAudit(ports, tx, call, moderationActions.moderation_rule_changed, { target: ruleId, details: shown(rule) });
      return rule;
    }),
});

/** Reports that it made stay. */
export const deleteRule = adminUseCase({
  name: 'admin.deleteModerationRule',
  deps,
  run: ({ uow, ...ports }, { ruleId }: OfRule, call) =>
    uow.write(call.account, async (tx) => {
      const rule = (await tx.rules.lock()).find(({ id }) => id === ruleId);
      if (rule === undefined || !(await tx.rules.remove(ruleId))) throw ruleErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, moderationActions.moderation_rule_deleted, { target: ruleId, details: shown(rule) });
    }),
});
