import { randomUUID } from 'node:crypto';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { resetPassword } from '@coucou/application/auth/forgotten-password';
import { login } from '@coucou/application/auth/login';
import { consumeMagicLink } from '@coucou/application/auth/magic-link';
import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { confirmTotp } from '@coucou/application/auth/totp';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { acceptInvite } from '@coucou/application/conversations/accept-invite';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { createInvite } from '@coucou/application/conversations/create-invite';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { type MailedLink, mailedLinks } from '@coucou/domain/auth/mailed-link';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createPeople, createUsers, range } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
import { totpCode } from '../support/totp.ts';
import { anonymous, as } from '../use-cases/calls.ts';

/** Two nodes on one database. */
let database: Database;
let nodes: readonly [TestApp, TestApp];
let account: AccountId;
beforeAll(async () => {
  database = await createDatabase();
  nodes = [await openTestApp({ database }), await openTestApp({ database })];
  account = await nodes[0].account();
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const node = (at: number): TestApp => (at % 2 === 0 ? nodes[0] : nodes[1]);
const until = new Date('2030-01-01T00:00:00.000Z');
const TRIES = 50;

/** What each of the tries came to, counted. */
async function outcomes(attempt: (app: TestApp, at: number) => Promise<string>): Promise<Record<string, number>> {
  const results = await Promise.all(
    range(1, TRIES).map((at) => attempt(node(at), at).catch((error: { code?: string }) => error.code ?? 'an error')),
  );
  return Object.fromEntries([...Map.groupBy(results, (result) => result)].map(([result, all]) => [result, all.length]));
}

describe(`of ${TRIES} tries at once on two nodes`, () => {
  it('one claims a secret', async () => {
    const claim = (app: TestApp) => app.uow.write(account, (tx) => tx.claims.claimOnce('magic-link', 'one', until));
    expect(await outcomes(async (app) => String(await claim(app)))).toEqual({ true: 1, false: TRIES - 1 });
  });

  it('none claims what was claimed for another purpose or in another account, but each its own', async () => {
    const other = await node(0).account();
    const claim = (at: AccountId, purpose: 'magic-link' | 'password-reset') =>
      node(1).uow.write(at, (tx) => tx.claims.claimOnce(purpose, 'two', until));
    expect([await claim(account, 'magic-link'), await claim(account, 'password-reset'), await claim(other, 'magic-link')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([await claim(account, 'magic-link'), await claim(other, 'magic-link')]).toEqual([false, false]);
  });

  it('one claims a secret whose first claims were rolled back', async () => {
    let failures = 0;
    const claim = (app: TestApp) =>
      app.uow.write(account, async (tx) => {
        const isMine = await tx.claims.claimOnce('password-reset', 'three', until);
        if (isMine && (failures += 1) <= 3) throw new Error('the effect failed');
        return isMine;
      });
    const found = await outcomes((app) => claim(app).then(String, () => 'failed'));
    expect(found).toEqual({ failed: 3, true: 1, false: TRIES - 4 });
  });

  it('one rotates a session, and all get its successor', async () => {
    const input = { username: 'alice', email: 'alice@example.com', password: 'correct horse battery' };
    const { refreshToken } = await node(0).run(signup, input, anonymous(account));
    const successors = new Set<string>();
    const found = await outcomes(async (app) => {
      const answer = await app.run(refresh, { refreshToken }, anonymous(account));
      successors.add(answer.refreshToken);
      return answer.refresh;
    });
    expect([found, successors.size]).toEqual([{ rotated: 1, recovered: TRIES - 1 }, 1]);
  });

  it('one takes the last place of an invite', async () => {
    const { uow } = node(0);
    const people = await createPeople(uow, 'alice');
    const guests = await createUsers(
      uow,
      people.account,
      range(1, TRIES).map((at) => `guest ${at}`),
    );
    const { view } = await node(0).run(createConversation, { type: 'group', title: 'A group' }, as(people.account, people.alice));
    const invite = await node(0).run(createInvite, { conversationId: view.conversation.id, maxUses: 1 }, as(people.account, people.alice));
    const accept = async (app: TestApp, at: number) => {
      const guest = guests[at - 1];
      if (guest === undefined) throw new Error('no such guest');
      await app.run(acceptInvite, { code: invite.code }, as(people.account, guest));
      return 'in';
    };
    expect(await outcomes(accept)).toEqual({ in: 1, INVITE_EXHAUSTED: TRIES - 1 });
  });

  const password = 'correct horse battery';
  const signUp = async () => {
    const username = `p${randomUUID().slice(0, 12)}`;
    const person = await node(0).run(signup, { username, email: `${username}@example.com`, password }, anonymous(account));
    const { userId, id: sessionId } = person.session;
    return { ...person, username, call: { ...anonymous(account), actor: { userId, sessionId } } };
  };
  type Person = Awaited<ReturnType<typeof signUp>>;

  /** What is done with each kind of link. Not here: those of a change of address, which are made by use-cases alone (`email.test.ts`). */
  const links: readonly (readonly [MailedLink, (app: TestApp, token: string, person: Person) => Promise<unknown>])[] = [
    ['verifyEmail', (app, token, { call }) => app.run(verifyEmail, { token }, call)],
    ['magicLink', (app, token) => app.run(consumeMagicLink, { token }, anonymous(account))],
    ['resetPassword', (app, token) => app.run(resetPassword, { token, password: 'battery staple horse' }, anonymous(account))],
  ];

  it.each(links)('one uses a link: %s', async (kind, use) => {
    const person = await signUp();
    const { purpose, seconds } = mailedLinks[kind];
    const content = { account, userId: person.user.id, email: person.user.email, version: 0 };
    const token = node(0)
      .container.resolve(SealedTokens)
      .seal(purpose, content, new Date(Date.now() + seconds * 1000));
    expect(await outcomes((app) => use(app, token, person).then(() => 'used'))).toEqual({ used: 1, LINK_INVALID: TRIES - 1 });
  });

  it('one signs in by a code, and one by a recovery code', async () => {
    for (const app of nodes) app.settings.guesses = [];
    const { call, username } = await signUp();
    const now = Date.now();
    const { secret } = await node(0).run(enrollTotp, { password }, call);
    const { recoveryCodes } = await node(0).run(confirmTotp, { code: totpCode(secret, new Date(now - 30_000)) }, call);
    const logIn = (app: TestApp, more: object) =>
      app.run(login, { identifier: username, password, ...more }, anonymous(account)).then(() => 'in');
    const recoveryCode = recoveryCodes[0] ?? '';
    expect(await outcomes((app) => logIn(app, { totp: totpCode(secret, new Date(now)) }))).toEqual({ in: 1, CODE_INVALID: TRIES - 1 });
    expect(await outcomes((app) => logIn(app, { recoveryCode }))).toEqual({ in: 1, CODE_INVALID: TRIES - 1 });
  });
});
