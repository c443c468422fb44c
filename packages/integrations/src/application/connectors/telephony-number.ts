import type { Ports } from '@coucou/application/kernel/token';
import { Clock } from '@coucou/application/ports/clock';
import { IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { retryAfter } from '@coucou/domain/kernel/retries';
import type { SettingsOf, TelephonyCredentials } from '../../domain/connector.ts';
import { findingOf } from '../../domain/finding.ts';
import type { Integration } from '../../domain/integration.ts';
import { integrationLimits } from '../../domain/limits.ts';
import { IntegrationSettings } from '../integration-repository.ts';
import type { Connector } from './connector.ts';
import { openCredentials } from './credentials.ts';
import { findingOfFault } from './fault.ts';

export const telephonyNumberPorts = {
  calls: OutboundCalls,
  secrets: IntegrationSecrets,
  integrationSettings: IntegrationSettings,
  clock: Clock,
};

/** With these statuses a provider refuses this text message, and will again. */
const REJECTED: readonly number[] = [400, 404, 409, 413, 422];

/**
 * Messages as text messages of a telephone number. The requests are nobody's own dialect: a JSON object by POST, with a bearer token; who has another
 * provider puts a few lines between.
 */
export function telephonyNumber({ calls, secrets, integrationSettings, clock }: Ports<typeof telephonyNumberPorts>): Connector {
  const settingsOf = ({ connector }: Integration) => connector as SettingsOf<'telephonyNumber'>;
  const given = { timeoutMs: integrationSettings.timeoutSeconds * 1_000, maxBytes: integrationLimits.answerBytes };
  const bearerOf = (integration: Integration) => ({
    authorization: `Bearer ${(openCredentials(secrets, integration) as TelephonyCredentials).token}`,
  });
  return {
    kind: 'telephonyNumber',
    async check(integration) {
      const { url, healthUrl = url } = settingsOf(integration);
      const answer = await calls.get({ ...given, url: healthUrl, headers: bearerOf(integration), redirect: 'manual' });
      return typeof answer === 'string' ? findingOfFault(answer) : findingOf(answer.status);
    },
    async deliver(integration, { message }) {
      const { number: from, to, url } = settingsOf(integration);
      const headers = { 'content-type': 'application/json', 'idempotency-key': message.id, ...bearerOf(integration) };
      const body = JSON.stringify({ from, to, text: message.content, id: message.id });
      const answer = await calls.post({ ...given, url, headers, body });
      if (typeof answer === 'string') return { finding: findingOfFault(answer) };
      return {
        finding: findingOf(answer.status),
        retryAt: retryAfter(answer.header('retry-after'), clock.now(), integrationLimits.retryAfterSeconds),
        permanent: answer.status === 410 ? 'gone' : REJECTED.includes(answer.status) ? 'rejected' : undefined,
      };
    },
  };
}
