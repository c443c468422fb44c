import { IntegrationSettings } from '../src/application/integration-repository.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundMailTo, outboundTo } from '../../../tests/support/outbound.ts';
import { type Caller, type Calling, openTestApp, type TestApp, type TestAppOptions } from '../../../tests/support/test-app.ts';

export const RETRIES = [5, 30, 120];

/** Receivers of tests are on this machine, which an operator would have to allow. */
export const openIntegrationApp = ({
  overrides = [],
  timeoutSeconds = 10,
  ...options
}: TestAppOptions & { timeoutSeconds?: number } = {}): Promise<TestApp> =>
  openTestApp({
    ...options,
    overrides: [
      outboundTo({ allow: ['127.0.0.1'] }),
      outboundMailTo({ allow: ['127.0.0.1'] }),
      (container) => container.provide(IntegrationSettings, () => ({ timeoutSeconds, retries: RETRIES })),
      ...overrides,
    ],
  });

export const groupOf = (owner: Caller, members: readonly Caller[]): Promise<Payload> =>
  owner.call('conversations.create', { type: 'group', title: 'Lunch', memberIds: members.map(({ id }) => id) });

export const create = (by: Calling, conversationId: string, connector: object, more: object = {}): Promise<Payload> =>
  by.call('admin.createIntegration', { name: 'Alerts', conversationId, connector, ...more });

export const incoming = (by: Calling, conversationId: string, userId: string): Promise<Payload> =>
  create(by, conversationId, { kind: 'incomingWebhook' }, { userId });

export const outgoing = (by: Calling, conversationId: string, url: string, more: object = {}): Promise<Payload> => {
  const { userId, ...connector } = more as { userId?: string };
  return create(by, conversationId, { kind: 'outgoingWebhook', url, ...connector }, userId === undefined ? {} : { userId });
};

export const mailing = (by: Calling, conversationId: string, port: number, more: object = {}): Promise<Payload> =>
  create(by, conversationId, {
    kind: 'email',
    address: 'desk@example.com',
    from: 'alerts@example.org',
    host: '127.0.0.1',
    port,
    security: 'none',
    ...CREDENTIALS,
    ...more,
  });
export const CREDENTIALS = { user: 'coucou', password: 'of the mail server' };

export const TOKEN = 'token-of-the-provider';
export const texting = (by: Calling, conversationId: string, url: string, more: object = {}): Promise<Payload> =>
  create(by, conversationId, { kind: 'telephonyNumber', number: '+493012345678', url, token: TOKEN, ...more });

export const shown = (by: Calling, integrationId: string): Promise<Payload> => by.call('admin.getIntegration', { integrationId });
export const check = async (by: Calling, integrationId: string): Promise<Payload> =>
  (await by.call('admin.checkIntegration', { integrationId })).lastCheck;

/** Lets this much time pass, and runs what has become due. */
export async function pass(app: TestApp, seconds: number): Promise<void> {
  app.time.now = new Date((app.time.now ?? new Date()).getTime() + seconds * 1_000);
  await app.dueNow();
  await app.settled();
}
