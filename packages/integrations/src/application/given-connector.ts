import type { Ports } from '@coucou/application/kernel/token';
import { type IntegrationOwner, IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { OutboundMail } from '@coucou/application/ports/outbound-mail';
import { WebhookSignatures } from '@coucou/application/ports/webhook-signatures';
import { type ConnectorKind, type ConnectorSettings, makesSecret, type SettingsOf } from '../domain/connector.ts';
import { integrationErrors } from '../domain/integration.ts';
import { TelephoneNumbers } from './telephone-numbers.ts';

type Optional<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** As somebody gives it: settings, and beside them what is sealed. */
export type GivenConnector =
  | SettingsOf<'incomingWebhook'>
  | SettingsOf<'outgoingWebhook'>
  | (SettingsOf<'email'> & Optional<{ user: string; password: string }>)
  | (Omit<SettingsOf<'telephonyNumber'>, 'to' | 'healthUrl'> & Optional<{ to: string; healthUrl: string; token: string }>);

export const givenConnectorPorts = {
  calls: OutboundCalls,
  mail: OutboundMail,
  numbers: TelephoneNumbers,
  secrets: IntegrationSecrets,
  signatures: WebhookSignatures,
};
type Given = Ports<typeof givenConnectorPorts>;

type ReadConnector = Readonly<{ connector: ConnectorSettings; credentials: object | undefined }>;

/** Takes apart what is shown and what is sealed. Throws for a target that this server does not call, and for what is no number or address. */
export function readConnector({ calls, mail, numbers }: Given, given: GivenConnector): ReadConnector {
  switch (given.kind) {
    case 'incomingWebhook':
      return { connector: { kind: given.kind }, credentials: undefined };
    case 'outgoingWebhook': {
      const { kind, url, triggers } = given;
      if (!calls.accepts(url)) throw integrationErrors.TARGET_REFUSED();
      return { connector: { kind, url, triggers }, credentials: undefined };
    }
    case 'email': {
      const { user, password, kind, address, from, host, port, security } = given;
      if (!mail.isMailbox(address) || !mail.isMailbox(from)) throw integrationErrors.ADDRESS_INVALID();
      if (!mail.accepts(given)) throw integrationErrors.TARGET_REFUSED();
      if ((user === undefined) !== (password === undefined)) throw integrationErrors.CREDENTIALS_REQUIRED();
      return { connector: { kind, address, from, host, port, security }, credentials: user === undefined ? undefined : { user, password } };
    }
    case 'telephonyNumber': {
      const { kind, number, to, url, healthUrl, token } = given;
      if (!numbers.isPossible(number) || (to !== undefined && !numbers.isPossible(to))) throw integrationErrors.NUMBER_INVALID();
      if (!calls.accepts(url) || (healthUrl !== undefined && !calls.accepts(healthUrl))) throw integrationErrors.TARGET_REFUSED();
      return { connector: { kind, number, to, url, healthUrl }, credentials: token === undefined ? undefined : { token } };
    }
  }
}

export const sealFor = ({ secrets }: Given, owner: IntegrationOwner, credentials: object | undefined): string | undefined =>
  credentials && secrets.seal(owner, credentials);

/** Where the server makes no secret, credentials are given. */
export function requireCredentials(kind: ConnectorKind, sealed: string | undefined): void {
  if (!makesSecret(kind) && sealed === undefined) throw integrationErrors.CREDENTIALS_REQUIRED();
}

type IssuedSecret = Readonly<{ secret: string; sealedCredentials: string | undefined; tokenHash: string | undefined }>;

/** Undefined for kinds whose credentials are given. */
export function issueSecret({ secrets, signatures }: Given, owner: IntegrationOwner, kind: ConnectorKind): IssuedSecret | undefined {
  switch (kind) {
    case 'incomingWebhook': {
      const { token, hash } = secrets.issueToken(owner);
      return { secret: token, sealedCredentials: undefined, tokenHash: hash };
    }
    case 'outgoingWebhook': {
      const { secret, sealedSecret } = signatures.create({ account: owner.account, webhookId: owner.integrationId });
      return { secret, sealedCredentials: sealedSecret, tokenHash: undefined };
    }
    case 'email':
    case 'telephonyNumber':
      return undefined;
  }
}
