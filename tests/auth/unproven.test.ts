import { changeSettings, makeAccount } from '../support/accounts.ts';
import { CaughtMail } from '@coucou/server/start/mail';
import type { Container } from '@coucou/server/composition/container';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectRefused, type HttpAnswer, httpClient, plainClient, socketIoClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';

let server: ListeningApp;
let container: Container;
let account: Awaited<ReturnType<typeof makeAccount>>;
beforeAll(async () => {
  server = await startTestApp({ env: { LIMIT_REST: 'off' }, overrides: { overrides: [(ports) => void (container = ports)] } });
});
afterAll(() => server.close());

const within = async (settings: Partial<AccountSettings>): Promise<string> => {
  account = await makeAccount(container, settings);
  return account.clientKey;
};
const asBearer = (token: string) => httpClient(server.url, { token });
const act = (token: string) => asBearer(token).call('POST', '/api/v1/conversations', { type: 'group', title: 'A group' });
const refresh = async (person: Pick<Person, 'refreshToken'>): Promise<Payload> =>
  expectStatus(await httpClient(server.url).call('POST', '/api/v1/auth/refresh', { refreshToken: person.refreshToken }), 200);
const refused = { status: 403, body: { code: 'EMAIL_NOT_VERIFIED' } } satisfies Partial<HttpAnswer>;

async function linkTo(address: string): Promise<string> {
  await server.settled();
  const mail = container
    .resolve(CaughtMail)
    .list()
    .find(({ to }) => to === address);
  return mail?.link?.replace(/^.*#token=/, '') ?? '';
}

describe('an account that wants mailboxes proven', () => {
  it('lets nobody act before that, on any transport, and everybody after it', async () => {
    const alice = await signUp(server.url, 'alice', {
      clientKey: await within({ emailVerificationRequired: true, emailDomains: ['example.com'] }),
    });
    expect(await act(alice.accessToken)).toMatchObject(refused);
    expect(await alice.http.call('PATCH', '/api/v1/users/me', { displayName: 'The Boss' })).toMatchObject(refused);
    const form = new FormData();
    form.set('file', new Blob(['of nobody'], { type: 'text/plain' }), 'a.txt');
    expect(await alice.http.call('POST', '/api/v1/attachments', form)).toMatchObject(refused);
    for (const client of [socketIoClient(server.url, { token: alice.accessToken }), plainClient(server.url, { token: alice.accessToken })])
      await expect(client.connect()).rejects.toSatisfy((error: ConnectRefused) => error.error.code === 'EMAIL_NOT_VERIFIED');
    const silent = plainClient(server.url);
    await silent.connect();
    expect(await silent.call('authenticate', { token: alice.accessToken }, undefined)).toMatchObject({ ok: false, error: refused.body });
    await silent.close();
    // A refresh proves nothing.
    const second = await refresh(alice);
    expect(await act(second.accessToken)).toMatchObject(refused);
    expectStatus(await asBearer(second.accessToken).call('GET', '/api/v1/auth/me'), 200);
    expectStatus(await asBearer(second.accessToken).call('POST', '/api/v1/auth/email/verify', { token: await linkTo(alice.email) }), 200);
    expectStatus(await act((await refresh(second as Person)).accessToken), 201);
  });

  it('asks who was there before it did, from their next token on', async () => {
    const alice = await signUp(server.url, 'alice', { clientKey: await within({}) });
    expectStatus(await act(alice.accessToken), 201);
    await changeSettings(container, account.id, { emailVerificationRequired: true });
    expect(await act((await refresh(alice)).accessToken)).toMatchObject(refused);
  });

  it('asks no guest, who has no mailbox', async () => {
    const clientKey = await within({ emailVerificationRequired: true, guests: true });
    const guest = expectStatus(await httpClient(server.url, { clientKey }).call('POST', '/api/v1/auth/guest', {}), 201);
    expectStatus(await act(guest.accessToken), 201);
  });
});
