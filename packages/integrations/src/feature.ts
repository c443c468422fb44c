import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { presentSharedMessage } from '@coucou/features/messages/presenters';
import * as integrations from './application/administer-integrations.ts';
import { deliver } from './application/deliver.ts';
import { disableOfConversation } from './application/disable.ts';
import { fanOut } from './application/fan-out.ts';
import { integrationDue } from './application/integration-events.ts';
import { postIncoming } from './application/post-incoming.ts';
import { MessageIntegration } from './contracts/integration.ts';
import * as contracts from './contracts/operations.ts';
import { integrationActions } from './domain/audit-actions.ts';
import { integrationErrors } from './domain/integration.ts';
import * as presenters from './presenters.ts';
import { integrationSettings } from './settings.ts';
import { integrationStorage } from './storage/integration-storage.ts';

/** Integrations: what ties a conversation to a place outside, in both directions. */
export const integrationsFeature = feature({
  name: 'integrations',
  operations: [
    bind(contracts.listIntegrations, integrations.listIntegrations, presenters.presentIntegrations),
    bind(contracts.getIntegration, integrations.getIntegration, presenters.presentIntegration),
    bind(contracts.createIntegration, integrations.createIntegration, presenters.presentIssued),
    bind(contracts.updateIntegration, integrations.updateIntegration, presenters.presentIntegration),
    bind(contracts.deleteIntegration, integrations.deleteIntegration, () => {}),
    bind(contracts.rotateIntegrationSecret, integrations.rotateIntegrationSecret, presenters.presentIssued),
    bind(contracts.checkIntegration, integrations.checkIntegration, presenters.presentIntegration),
    bind(contracts.postIncoming, postIncoming, presenters.presentPosted, ({ duplicate }) => duplicate),
  ],
  auditActions: [integrationActions],
  errors: [integrationErrors],
  settings: integrationSettings,
  events: [wired(integrationDue, {}, {})],
  messageParts: { integration: MessageIntegration },
  subscribers: [fanOut, deliver(presentSharedMessage), disableOfConversation],
  storage: integrationStorage,
});
