import type { Ports } from '@coucou/application/kernel/token';
import { IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { type MailFault, type MailServer, OutboundMail } from '@coucou/application/ports/outbound-mail';
import type { MailCredentials, SettingsOf } from '../../domain/connector.ts';
import { type Finding, OK } from '../../domain/finding.ts';
import type { Integration } from '../../domain/integration.ts';
import { IntegrationSettings } from '../integration-repository.ts';
import type { Connector } from './connector.ts';
import { openCredentials } from './credentials.ts';

export const emailPorts = { mail: OutboundMail, secrets: IntegrationSecrets, integrationSettings: IntegrationSettings };

/** Messages as mail, through the account's own server. A check signs in there, and sends nothing. */
export function email({ mail, secrets, integrationSettings }: Ports<typeof emailPorts>): Connector {
  const timeoutMs = integrationSettings.timeoutSeconds * 1_000;
  const settingsOf = ({ connector }: Integration) => connector as SettingsOf<'email'>;
  const serverOf = (integration: Integration): MailServer => {
    const { host, port, security } = settingsOf(integration);
    return { host, port, security, ...(openCredentials(secrets, integration) as MailCredentials) };
  };
  return {
    kind: 'email',
    check: async (integration) => findingOf(await mail.verify(serverOf(integration), timeoutMs)),
    async deliver(integration, { message, sender, conversation }) {
      const { address, from } = settingsOf(integration);
      const subject = conversation === '' ? integration.name : `${integration.name}: ${conversation}`;
      const text = `${sender}:\n\n${message.content ?? ''}\n`;
      // The same at every attempt, so that a mailbox that had it knows it again.
      const id = `${message.id}.${integration.id}`;
      const fault = await mail.send(serverOf(integration), { id, from, fromName: integration.name, to: address, subject, text }, timeoutMs);
      return { finding: findingOf(fault), permanent: fault?.reason === 'rejected' ? 'rejected' : undefined };
    },
  };
}

const findingOf = (fault: MailFault | undefined): Finding =>
  fault === undefined ? OK : { outcome: fault.reason, detail: fault.status === undefined ? undefined : String(fault.status) };
