import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, byServer, recordAudit } from '@coucou/application/audit/record-audit';
import { conversationDeleted } from '@coucou/application/conversations/conversation-events';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { integrationActions } from '../domain/audit-actions.ts';
import { Integration } from '../domain/integration.ts';
import { Integrations } from './integration-repository.ts';

/** What works in a conversation that is deleted is disabled, not removed: whoever administers the account sees why, and may have it work elsewhere. */
export const disableOfConversation = subscriber({
  name: 'integrations.conversationDeleted',
  on: conversationDeleted,
  deps: { ...auditPorts, uow: unitOfWork({ integrations: Integrations, auditLog: AuditLog }) },
  run: ({ uow, ...ports }, { account, conversationId }) =>
    uow.write(account, async (tx) => {
      for (const current of await tx.integrations.lockOf(conversationId)) {
        await tx.integrations.update(Integration.disable(current, 'conversation', ports.clock.now()));
        await recordAudit(ports, tx, { account, ...byServer }, integrationActions.integration_disabled, {
          target: current.id,
          details: { reason: 'conversation' },
        });
      }
    }),
});
