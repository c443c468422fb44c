import { limits } from '@coucou/domain/kernel/limits';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
let adam: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = new Date('2026-01-15T12:00:00.000Z');
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
  adam = await app.person('adam', account, 'admin');
});

const ISSUER = 'https://login.example.com';
const register = (more: Record<string, unknown> = {}, by: Pick<Calling, 'call'> = alice): Promise<Payload> =>
  by.call('admin.registerIssuer', { issuer: ISSUER, audiences: ['chat'], ...more });
const update = (issuerId: string, more: Record<string, unknown> = {}, by: Pick<Calling, 'call'> = alice): Promise<Payload> =>
  by.call('admin.updateIssuer', { issuerId, audiences: ['chat'], ...more });
const list = async (by: Pick<Calling, 'call'> = alice): Promise<Payload[]> => (await by.call('admin.listIssuers')).items;
const remove = (issuerId: string, by: Pick<Calling, 'call'> = alice) => by.call('admin.removeIssuer', { issuerId });
const faultsOf = (call: Promise<unknown>) =>
  call.then(
    () => [],
    ({ details }: { details: Payload[] }) => details.map(({ path, rule }) => [path.join('.'), rule]),
  );

describe('an issuer', () => {
  it('is registered with what is safe, until it is said otherwise', async () => {
    const issuer = await register();
    expect(issuer).toEqual({
      id: expect.any(String),
      issuer: ISSUER,
      audiences: ['chat'],
      algorithms: ['EdDSA', 'ES256', 'RS256'],
      claims: { username: 'preferred_username', displayName: 'name', email: 'email', avatarUrl: 'picture' },
      signUp: true,
      maxTokenSeconds: 3_600,
      rank: 'owner',
      createdAt: '2026-01-15T12:00:00.000Z',
      updatedAt: '2026-01-15T12:00:00.000Z',
    });
    expect(await list()).toEqual([issuer]);
    expect(await list(await app.person('olga', await app.account(), 'owner'))).toEqual([]);
  });

  it('has the rules that it was given last, and its own name', async () => {
    const jwksUrl = 'https://login.example.com/keys';
    const { id } = await register({ jwksUrl, algorithms: ['ES256', 'ES256'], signUp: false });
    app.time.now = new Date('2026-01-16T12:00:00.000Z');
    alice = await app.signIn(alice);
    const changed = await update(id, { audiences: ['a', 'b', 'a'], claims: { email: 'mail' }, maxTokenSeconds: 300 });
    expect(changed).toEqual({
      id,
      issuer: ISSUER,
      audiences: ['a', 'b'],
      algorithms: ['EdDSA', 'ES256', 'RS256'],
      claims: { email: 'mail' },
      signUp: true,
      maxTokenSeconds: 300,
      rank: 'owner',
      createdAt: '2026-01-15T12:00:00.000Z',
      updatedAt: '2026-01-16T12:00:00.000Z',
    });
    expect(await list()).toEqual([changed]);
    await remove(id);
    expect(await list()).toEqual([]);
    for (const call of ['removeIssuer', 'checkIssuer'])
      expect(await refusal(alice.call(`admin.${call}`, { issuerId: id }))).toBe('ISSUER_NOT_FOUND');
    expect(await refusal(update(id))).toBe('ISSUER_NOT_FOUND');
    const events = (await alice.call('admin.listAuditLogs')).items.map(({ action, actor, target, details }: Payload) => ({
      action,
      actor,
      target,
      details,
    }));
    const rest = { actor: { kind: 'user', id: alice.id }, target: { type: 'issuer', id }, details: { issuer: ISSUER } };
    expect(events).toEqual(['issuer_removed', 'issuer_changed', 'issuer_registered'].map((action) => ({ action, ...rest })));
  });

  it('is in an account once, and in as many accounts as like', async () => {
    await register();
    expect(await refusal(register({ jwksUrl: 'https://elsewhere.example/keys' }))).toBe('ISSUER_TAKEN');
    // Compared as its tokens write it.
    await register({ issuer: `${ISSUER}/` });
    await register({}, await app.person('olga', await app.account(), 'owner'));
    const twice = await Promise.allSettled([register({ issuer: 'https://a.example' }), register({ issuer: 'https://a.example' })]);
    expect(twice.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('is one of a few', async () => {
    for (let at = 0; at < limits.issuers.most; at += 1) await register({ issuer: `https://${at}.example` });
    expect(await refusal(register())).toBe('ISSUER_LIMIT_REACHED');
    expect(await list()).toHaveLength(limits.issuers.most);
  });

  it.each<[string, Record<string, unknown>, unknown]>([
    ['no audience', { audiences: [] }, [['audiences', 'too_small']]],
    ['an algorithm that signs nothing', { algorithms: ['none'] }, [['algorithms.0', 'invalid_value']]],
    ['an algorithm of shared secrets', { algorithms: ['HS256'] }, [['algorithms.0', 'invalid_value']]],
    ['tokens for ever', { maxTokenSeconds: 86_401 }, [['maxTokenSeconds', 'too_big']]],
    ['keys without TLS', { jwksUrl: 'http://login.example.com/keys' }, [['jwksUrl', 'https']]],
    ['keys by another scheme', { jwksUrl: 'file:///etc/passwd' }, [['jwksUrl', 'invalid_format']]],
    ['metadata without TLS', { issuer: 'http://login.example.com' }, [['issuer', 'https']]],
    ['a name where no metadata is', { issuer: 'our login' }, [['jwksUrl', 'required']]],
    ['a name with a query', { issuer: `${ISSUER}?a=b` }, [['jwksUrl', 'required']]],
    ['a right that nobody gives themself', { rank: 'owner' }, [['', 'unrecognized_keys']]],
  ])('is none with %s', async (_, more, faults) => {
    expect(await faultsOf(register(more))).toEqual(faults);
    expect(await list()).toEqual([]);
  });

  it('is called as it likes where its keys have an address', async () => {
    expect(await register({ issuer: 'our login', jwksUrl: 'https://login.example.com/keys' })).toMatchObject({ issuer: 'our login' });
    expect(await faultsOf(update((await list())[0]?.['id']))).toEqual([['jwksUrl', 'required']]);
  });
});

describe('who decides over issuers', () => {
  it('are owners, admins, and servers with the scope; nobody else', async () => {
    const bob = await app.person('bob', account);
    const { id } = await register({}, adam);
    for (const who of [bob, app.visitor(account), app.byKey(['tokens:mint'], account)])
      for (const call of [list, (by: Calling) => register({}, by), (by: Calling) => update(id, {}, by), (by: Calling) => remove(id, by)])
        expect(['FORBIDDEN', 'UNAUTHENTICATED']).toContain(await refusal(call(who)));
    expect(await refusal(register({}, app.byKey(['issuers:read'], account)))).toBe('FORBIDDEN');
    const robot = app.byKey(['issuers:read', 'issuers:write'], account);
    expect(await register({ issuer: 'https://b.example' }, robot)).toMatchObject({ rank: 'admin' });
    expect(await list(robot)).toHaveLength(2);
  });

  it('leave what an owner registered to owners, but for removing it', async () => {
    const robot = app.byKey(['issuers:write'], account);
    const [owners, admins] = [await register(), await register({ issuer: 'https://b.example' }, adam)];
    for (const who of [adam, robot]) expect(await refusal(update(owners['id'], {}, who))).toBe('FORBIDDEN');
    expect(await update(admins['id'], {}, robot)).toMatchObject({ rank: 'admin' });
    // What an owner decides is an owner's from then on.
    expect(await update(admins['id'])).toMatchObject({ rank: 'owner' });
    expect(await refusal(update(admins['id'], {}, adam))).toBe('FORBIDDEN');
    await remove(owners['id'], adam);
    expect(await list()).toHaveLength(1);
  });
});
