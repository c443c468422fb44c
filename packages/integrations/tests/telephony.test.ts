import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, openReceiver, type Receiver, take } from '../../../tests/support/webhook-receiver.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { check, groupOf, openIntegrationApp, pass, shown, texting, TOKEN } from './integrations.ts';

let app: TestApp;
let provider: Receiver;
let owner: Caller;
let conversationId: string;
beforeAll(async () => {
  app = await openIntegrationApp();
});
beforeEach(async () => {
  owner = await app.person('alice', await app.account(), 'owner');
  conversationId = (await groupOf(owner, [])).id;
  provider = await openReceiver();
});
afterEach(async () => {
  app.time.now = undefined;
  await provider.close();
});
afterAll(() => app.close());

const say = (content: string): Promise<Payload> => owner.call('messages.send', { conversationId, content });

describe('a telephony number', () => {
  it('sends each message as a text message, by its provider', async () => {
    const { integration } = await texting(owner, conversationId, provider.url, { to: '+4917612345678' });
    const message = await say('On our way.');
    await app.settled();
    expect(provider.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { from: '+493012345678', to: '+4917612345678', text: 'On our way.', id: message.id },
    ]);
    expect(provider.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'idempotency-key': message.id });
    const seen = [await shown(owner, integration.id), await app.sql('select * from integration')];
    expect(JSON.stringify(seen)).not.toContain(TOKEN);
  });

  it('is checked by reading what the provider says of it', async () => {
    const healthUrl = provider.url.replace('/hook', '/numbers/1');
    const { integration } = await texting(owner, conversationId, provider.url, { healthUrl });
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'ok' });
    expect(provider.requests).toMatchObject([{ path: '/numbers/1', body: '', headers: { authorization: `Bearer ${TOKEN}` } }]);
    provider.behave(answer(401, {}, `not ${TOKEN}`));
    const found = await check(owner, integration.id);
    expect(found).toEqual({ at: expect.any(String), outcome: 'authentication', detail: '401' });
  });

  it('gives up what the provider refuses, and tries again what it cannot do now', async () => {
    const { integration } = await texting(owner, conversationId, provider.url);
    app.time.now = new Date();
    provider.behave(answer(422));
    await say('one');
    await app.settled();
    expect(await shown(owner, integration.id)).toMatchObject({ givenUp: 1, lastFailure: { outcome: 'answered', detail: '422' } });
    provider.behave(answer(503));
    await say('two');
    await app.settled();
    provider.behave(take);
    await pass(app, 5);
    expect(provider.requests).toHaveLength(3);
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 0, givenUp: 1 });
  });

  it.each<[string, object, string]>([
    ['a national number', { number: '03012345678' }, 'INTEGRATION_NUMBER_INVALID'],
    ['a number that is too short', { number: '+4930' }, 'INTEGRATION_NUMBER_INVALID'],
    ['an unknown calling code', { number: '+99912345678' }, 'INTEGRATION_NUMBER_INVALID'],
    ['a receiver that is none', { to: '+49 176 1234567' }, 'INTEGRATION_NUMBER_INVALID'],
    ['a private address', { url: 'https://192.168.0.1/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['a check at a private address', { healthUrl: 'https://[fd00::1]/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['no token', { token: undefined }, 'INTEGRATION_CREDENTIALS_REQUIRED'],
    ['a token that no header holds', { token: 'pässword' }, 'VALIDATION_FAILED'],
    ['a token with a line break', { token: 'a\r\nhost: b' }, 'VALIDATION_FAILED'],
  ])('is refused for %s', async (_, more, code) => {
    expect(await refusal(texting(owner, conversationId, provider.url, more))).toBe(code);
  });

  it('has its token given again for another provider', async () => {
    const { integration } = await texting(owner, conversationId, provider.url);
    const move = (more: object) =>
      owner.call('admin.updateIntegration', {
        integrationId: integration.id,
        connector: { kind: 'telephonyNumber', number: '+493012345678', url: provider.url, ...more },
      });
    expect(await refusal(move({ url: 'https://sms.example.com/' }))).toBe('INTEGRATION_CREDENTIALS_REQUIRED');
    expect(await refusal(move({ healthUrl: 'https://sms.example.com/' }))).toBe('INTEGRATION_CREDENTIALS_REQUIRED');
    expect((await move({ to: '+4917612345678' })).connector).toMatchObject({ to: '+4917612345678' });
    expect(await refusal(owner.call('admin.rotateIntegrationSecret', { integrationId: integration.id }))).toBe('INTEGRATION_NO_SECRET');
  });
});
