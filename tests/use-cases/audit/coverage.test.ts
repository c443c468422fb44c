import { randomUUID } from 'node:crypto';
import type { AuditAction } from '@coucou/domain/audit/audit-action';
import { openGroup, send } from '../calls.ts';
import { coreCatalogue } from '../../support/coucou.ts';
import type { Payload } from '../../support/event-log.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { type Stage, type Write, type Writes, writes } from '../idempotency/writes.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** Which operations leave an entry: tried with each that writes, so that a new one has to say. */

let app: TestApp;
let stage: Stage;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = undefined;
  const [alice, bob] = [await app.person('alice', undefined, 'owner'), await app.person('bob')];
  stage = { app, alice, bob };
});

const word = (): string => `w${randomUUID().slice(0, 8)}`;
const apiKey = async ({ alice }: Stage): Promise<Payload> =>
  (await alice.call('admin.createApiKey', { name: 'a server', scopes: ['audit:read'] })).apiKey;

const ofIntegration = async (alice: Stage['alice']) => ({
  name: 'Alerts',
  conversationId: (await openGroup(alice)).id,
  userId: alice.id,
  connector: { kind: 'incomingWebhook' },
});
const integration = async (alice: Stage['alice']) => ({
  integrationId: (await alice.call('admin.createIntegration', await ofIntegration(alice))).integration.id,
});

/** What answers a secret or a file has no call among those with idempotency keys; and where one's own leaves nothing, that of another. */
const more: Writes = {
  'admin.createApiKey': async ({ alice }) => ({ by: alice, input: { name: 'a server', scopes: ['audit:read'] } }),
  'admin.rotateApiKey': async (s) => ({ by: s.alice, input: { apiKeyId: (await apiKey(s)).id, overlapSeconds: 0 } }),
  'admin.mintToken': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'admin.mintTokenFor': async ({ alice }) => ({
    by: alice,
    input: { externalId: word(), create: { username: word(), emailVerified: false } },
  }),
  'admin.createInvite': async ({ alice }) => ({ by: alice, input: { uses: 1, expiresInSeconds: 3_600 } }),
  'admin.exportUser': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'admin.createIntegration': async ({ alice }) => ({ by: alice, input: await ofIntegration(alice) }),
  'admin.rotateIntegrationSecret': async ({ alice }) => ({ by: alice, input: await integration(alice) }),
  'admin.checkIntegration': async ({ alice }) => ({ by: alice, input: await integration(alice) }),
  'admin.createWebhook': async ({ alice }) => ({ by: alice, input: { url: 'https://hooks.invalid/', events: ['user.updated'] } }),
  'admin.rotateWebhookSecret': async ({ alice }) => {
    const { webhook } = await alice.call('admin.createWebhook', { url: 'https://hooks.invalid/', events: ['user.updated'] });
    return { by: alice, input: { webhookId: webhook.id, overlapSeconds: 0 } };
  },
  'admin.createBeforeSendHook': async ({ alice }) => {
    await alice.call('admin.deleteBeforeSendHook').catch(() => {});
    return { by: alice, input: { url: 'https://hooks.invalid/', onFailure: 'accept', enabled: false } };
  },
  'admin.rotateBeforeSendHookSecret': async (s) => {
    await writes['admin.deleteBeforeSendHook']?.(s);
    return { by: s.alice, input: { overlapSeconds: 0 } };
  },
  'messages.delete': async ({ alice, bob }) => {
    const { id: messageId } = await send(bob, await openGroup(alice, [bob]), 'out of place');
    return { by: alice, input: { messageId, for: 'everyone' } };
  },
  'polls.close': async ({ alice, bob }) => {
    const { id: conversationId } = await openGroup(alice, [bob]);
    const { id: pollId } = await bob.call('polls.create', { conversationId, question: 'Where?', options: ['here', 'there'] });
    return { by: alice, input: { pollId } };
  },
};
const calls: Writes = { ...writes, ...more };

/** What leaves none, and why. */
const exempt: readonly (readonly [RegExp, string])[] = [
  [/^(messages\.(send|edit)|reactions|pins|forwards|polls\.(create|vote))/, 'what people say: the conversation is its own record'],
  [/^(conversations\.(create|update|join|leave)|invites\.|inbox\.)/, 'the everyday of members, without power over another; events tell it'],
  [/^(friends|blocks)\./, 'between two people, neither of whom administers the other'],
  [/^(drafts|preferences|notifications|membership|push|receipts|savedMessages|scheduled|threads)\.|^users\.updateMe$/, 'of oneself alone'],
  [/^admin\.reportBounce$/, 'what became of mails, as a mail server says it: the suppression is its own record'],
  [/^admin\.testMailTemplate$/, 'a mail to oneself, which changes nothing'],
  [/^auth\.(changeEmail|resendVerification)$/, 'orders a mail; what its link does leaves an entry'],
];
const isExempt = (name: string): boolean => exempt.some(([names]) => names.test(name));

/** Not called here, and why. */
const others: Readonly<Record<string, string>> = {
  'admin.checkIssuer': 'writes nothing',
  'admin.previewMailTemplate': 'writes nothing',
  'admin.testText': 'writes nothing',
  'admin.previewRetention': 'writes nothing',
  'admin.importUsers': 'reads lines; import.test.ts finds its entry',
  'accounts.create': 'in the account that it makes: accounts.test.ts finds the entries of the operator',
  'accounts.suspend': 'as accounts.create',
  'accounts.restore': 'as accounts.create',
  'accounts.putLimits': 'as accounts.create',
  'accounts.putBilling': 'as accounts.create; limits.test.ts of billing finds it',
  'admin.createCheckout': 'asks Stripe: limits.test.ts of billing finds its entry',
  'admin.openBillingPortal': 'as admin.createCheckout',
};

const { operations, auditActions } = coreCatalogue;
const actions = new Map(auditActions.map((action) => [action.name, action]));
const ids = async (): Promise<string[]> => (await app.sql('select id from audit_entry')).map(({ id }) => id);

/** Of what a call has left: what its action does not declare. */
function faultsOf({ action: name, target_type: target, details }: Payload): string[] {
  const action: AuditAction | undefined = actions.get(name);
  if (action === undefined) return [`${name} is declared by no feature`];
  const types: Readonly<Record<string, (value: unknown) => boolean>> = {
    text: (value) => typeof value === 'string' && value.length <= 256,
    number: (value) => typeof value === 'number',
    texts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    object: (value) => typeof value === 'object' && value !== null,
  };
  const absent = Object.entries(action.details).filter(([field, type]) => !type.endsWith('?') && !(field in details));
  const wrong = Object.entries(details).filter(([field, value]) => !types[action.details[field]?.replace('?', '') ?? '']?.(value));
  return [
    ...(target === action.target ? [] : [`${name} is done to ${target}`]),
    ...absent.map(([field]) => `${name} lacks ${field}`),
    ...wrong.map(([field]) => `${name} has another ${field} than declared`),
  ];
}

async function left({ by, input, more: said }: Write, name: string): Promise<Payload[]> {
  const before = await ids();
  await by.execute(name, input, said);
  return app.sql('select action, actor_kind, actor_id, target_type, details from audit_entry where id <> all($1::uuid[])', [before]);
}

describe('an operation that writes', () => {
  it('is known: called below, or not and why', () => {
    const writing = operations.filter(({ http, access }) => http !== undefined && http.method !== 'GET' && access !== 'public');
    const administering = writing.filter(({ access }) => access === 'admin' || access === 'system').map(({ name }) => name);
    expect(administering.filter((name) => !(name in calls) && !(name in others))).toEqual([]);
    expect(administering.filter(isExempt)).toEqual(['admin.testMailTemplate', 'admin.reportBounce']);
    expect(Object.keys({ ...calls, ...others }).filter((name) => !operations.some((each) => each.name === name))).toEqual([]);
  });

  it.each(Object.entries(calls).filter(([name]) => !isExempt(name)))(
    '%s leaves an entry, as its action is declared',
    async (name, prepare) => {
      const call = await prepare(stage);
      const entries = await left(call, name);
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.flatMap(faultsOf)).toEqual([]);
      expect(entries.map(({ actor_kind: kind }) => kind)).not.toContain('anonymous');
    },
  );

  it.each(Object.entries(calls).filter(([name]) => isExempt(name)))('%s leaves none', async (name, prepare) => {
    expect(await left(await prepare(stage), name)).toEqual([]);
  });
});

describe('an entry', () => {
  it('is not there when nothing was done', async () => {
    const before = await ids();
    const { alice, bob } = stage;
    const conversationId = (await openGroup(alice, [bob])).id;
    // Refused after the member was looked up: nothing was done.
    await expect(bob.call('members.remove', { conversationId, userId: alice.id })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await ids()).toEqual(before);
  });

  it('holds nothing that somebody wrote', async () => {
    const { alice, bob } = stage;
    const canary = `canary-${randomUUID()}`;
    const group = await openGroup(alice, [bob], { title: canary });
    const message = await send(bob, group, canary);
    await alice.call('reports.create', { messageId: message.id, reason: canary });
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    await alice.call('members.ban', { conversationId: group.id, userId: bob.id, reason: canary });
    await alice.call('conversations.delete', { conversationId: group.id });
    const rows = await app.sql('select e::text as row, action from audit_entry e');
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['report_made', 'message_removed', 'member_banned', 'conversation_deleted']),
    );
    expect(rows.filter(({ row }) => row.includes(canary))).toEqual([]);
  });
});
