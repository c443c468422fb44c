import type { Posted } from '@coucou/application/messages/resend';
import type { z } from 'zod';
import type { IssuedIntegration } from './application/administer-integrations.ts';
import type { Integration as WireIntegration, IssuedIntegration as WireIssued } from './contracts/integration.ts';
import type { ConnectorSettings } from './domain/connector.ts';
import type { Checked, Integration } from './domain/integration.ts';

type Wire = z.infer<typeof WireIntegration>;

function presentConnector(settings: ConnectorSettings): Wire['connector'] {
  switch (settings.kind) {
    case 'incomingWebhook':
      return { kind: settings.kind };
    case 'outgoingWebhook':
      return { kind: settings.kind, url: settings.url, triggers: [...settings.triggers] };
    case 'email': {
      const { kind, address, from, host, port, security } = settings;
      return { kind, address, from, host, port, security };
    }
    case 'telephonyNumber': {
      const { kind, number, to, url, healthUrl } = settings;
      return { kind, number, to, url, healthUrl };
    }
  }
}

const presentChecked = (checked: Checked | undefined): Wire['lastCheck'] =>
  checked && { at: checked.at.toISOString(), outcome: checked.outcome, detail: checked.detail };

export const presentIntegration = (integration: Integration): Wire => ({
  id: integration.id,
  name: integration.name,
  conversationId: integration.conversationId,
  userId: integration.userId,
  connector: presentConnector(integration.connector),
  status: integration.disabled === undefined ? 'enabled' : 'disabled',
  disabledReason: integration.disabled?.reason,
  disabledAt: integration.disabled?.at.toISOString(),
  lastCheck: presentChecked(integration.check),
  failures: integration.failures,
  failingSince: integration.failingSince?.toISOString(),
  pausedUntil: integration.pausedUntil?.toISOString(),
  lastFailure: presentChecked(integration.lastFailure),
  lastDeliveredAt: integration.lastDeliveredAt?.toISOString(),
  givenUp: integration.givenUp,
  createdBy: integration.createdBy,
  createdAt: integration.createdAt.toISOString(),
});

export const presentIntegrations = (integrations: readonly Integration[]) => ({ items: integrations.map(presentIntegration) });

export const presentIssued = ({ integration, secret }: IssuedIntegration): z.infer<typeof WireIssued> => ({
  integration: presentIntegration(integration),
  secret,
});

export const presentPosted = ({ message }: Posted) => ({ messageId: message.id });
