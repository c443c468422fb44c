import type { Ports } from '@coucou/application/kernel/token';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { retryAfter } from '@coucou/domain/kernel/retries';
import type { SettingsOf } from '../../domain/connector.ts';
import { findingOf } from '../../domain/finding.ts';
import type { Integration } from '../../domain/integration.ts';
import { integrationLimits } from '../../domain/limits.ts';
import { IntegrationSettings } from '../integration-repository.ts';
import type { Connector, Told } from './connector.ts';
import { findingOfFault } from './fault.ts';

export const outgoingWebhookPorts = {
  calls: OutboundCalls,
  signatures: WebhookSignatures,
  integrationSettings: IntegrationSettings,
  clock: Clock,
  ids: Ids,
};

/** Messages as signed requests after Standard Webhooks. A JSON answer with `content` or `text` is a reply. */
export function outgoingWebhook({ calls, signatures, integrationSettings, clock, ids }: Ports<typeof outgoingWebhookPorts>): Connector {
  async function post(integration: Integration, id: string, type: string, data: object): Promise<Told> {
    const { accountId: account, sealedCredentials, connector } = integration;
    const at = clock.now();
    const body = JSON.stringify({ type, timestamp: at.toISOString(), data: { integrationId: integration.id, ...data } });
    const sealed = sealedCredentials === undefined ? [] : [sealedCredentials];
    const answer = await calls.post({
      url: (connector as SettingsOf<'outgoingWebhook'>).url,
      headers: {
        'content-type': 'application/json',
        ...signatures.sign({ account, webhookId: integration.id }, sealed, { id, at, body }),
      },
      body,
      timeoutMs: integrationSettings.timeoutSeconds * 1_000,
      maxBytes: integrationLimits.answerBytes,
    });
    if (typeof answer === 'string') return { finding: findingOfFault(answer) };
    const finding = findingOf(answer.status);
    return {
      finding,
      reply: finding.outcome === 'ok' ? replyIn(answer.text) : undefined,
      retryAt: retryAfter(answer.header('retry-after'), clock.now(), integrationLimits.retryAfterSeconds),
      permanent: answer.status === 410 ? 'gone' : undefined,
    };
  }

  return {
    kind: 'outgoingWebhook',
    check: async (integration) => (await post(integration, `ping_${ids.next()}`, 'integration.ping', {})).finding,
    deliver: (integration, { message, shown }) =>
      post(integration, `msg_${message.id}`, 'message.created', { conversationId: message.conversationId, message: shown }),
  };
}

function replyIn(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const { content, text: said } = JSON.parse(text) as Readonly<{ content?: unknown; text?: unknown }>;
    const reply = content ?? said;
    // As text is stored: neither NUL nor half a surrogate pair, which JSON may hold.
    return typeof reply === 'string' && reply.trim() !== '' ? reply.replaceAll('\u0000', '\uFFFD').toWellFormed() : undefined;
  } catch {
    return undefined;
  }
}
