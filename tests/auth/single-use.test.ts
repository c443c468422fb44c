import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { acceptInvite } from '@coucou/application/conversations/accept-invite';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { createInvite } from '@coucou/application/conversations/create-invite';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createPeople, createUsers, range } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
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
});
