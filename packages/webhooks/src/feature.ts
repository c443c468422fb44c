import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { presentSeat, presentShared } from '@coucou/features/conversations/presenters';
import { feature } from '@coucou/features/feature';
import { presentSharedMessage } from '@coucou/features/messages/presenters';
import { presentUser } from '@coucou/features/users/presenters';
import * as deliveries from './application/administer-deliveries.ts';
import * as webhooks from './application/administer-webhooks.ts';
import { deliverTo, webhookDisabledKind } from './application/deliver.ts';
import { fanOut } from './application/fan-out.ts';
import type { Presenters } from './application/present-event.ts';
import { keepWebhooks } from './application/upkeep.ts';
import { webhookDue } from './application/webhook-events.ts';
import * as contracts from './contracts/operations.ts';
import { webhookActions } from './domain/audit-actions.ts';
import { webhookErrors } from './domain/webhook.ts';
import * as presenters from './presenters.ts';
import { webhookSettings } from './settings.ts';
import { webhookStorage } from './storage/webhook-storage.ts';

/** What events say is what everybody in a conversation may know: nothing that differs by viewer. */
const shared: Presenters = { message: presentSharedMessage, conversation: presentShared, member: presentSeat, user: presentUser };

/** Webhooks: events of an account, signed and sent to the addresses that it names. */
export const webhooksFeature = feature({
  name: 'webhooks',
  operations: [
    bind(contracts.listWebhooks, webhooks.listWebhooks, presenters.presentWebhooks),
    bind(contracts.getWebhook, webhooks.getWebhook, presenters.presentWebhook),
    bind(contracts.createWebhook, webhooks.createWebhook, presenters.presentIssued),
    bind(contracts.updateWebhook, webhooks.updateWebhook, presenters.presentWebhook),
    bind(contracts.deleteWebhook, webhooks.deleteWebhook, () => {}),
    bind(contracts.rotateWebhookSecret, webhooks.rotateWebhookSecret, presenters.presentIssued),
    bind(contracts.testWebhook, deliveries.testWebhook, presenters.presentDelivery),
    bind(contracts.listWebhookDeliveries, deliveries.listDeliveries, presenters.presentDeliveries),
    bind(contracts.getWebhookDelivery, deliveries.getDelivery(shared), presenters.presentShownDelivery),
    bind(contracts.replayWebhookDelivery, deliveries.replayDelivery, presenters.presentDelivery),
    bind(contracts.replayWebhookDeliveries, deliveries.replayDeliveries, presenters.presentReplayed),
  ],
  auditActions: [webhookActions],
  errors: [webhookErrors],
  settings: webhookSettings,
  events: [wired(webhookDue, {}, {})],
  notificationKinds: [webhookDisabledKind],
  subscribers: [...fanOut, deliverTo(shared)],
  jobs: [keepWebhooks],
  storage: webhookStorage,
});
