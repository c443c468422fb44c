import { forgetExpired, forgetLinks, forgetRevoked } from '@coucou/application/auth/forget-expired';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';

const NOW = new Date('2026-06-15T12:00:00.000Z');
const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
  app.time.now = NOW;
});
afterAll(() => app.close());

const forget = () => forgetExpired.run(app.container.portsOf(forgetExpired.deps), { aborted: false });

/** A session that expires after so many days, or did so long ago. */
const sessionOf = (accountId: AccountId, userId: UserId, days: number) =>
  createSession(app.uow, { accountId, userId, now: addSeconds(NOW, (days - 7) * DAY) });

it('sessions are forgotten thirty days after they expired, in every account', async () => {
  const accounts = [await app.account(), await app.account()];
  const kept: boolean[][] = [];
  const sessions = await Promise.all(
    accounts.map(async (account) => {
      const { id } = await app.person('alice', account);
      return Promise.all([5, -29, -31].map((days) => sessionOf(account, id, days)));
    }),
  );
  expect(await forget()).toEqual({ claims: 0, sessions: 2 });
  for (const [at, account] of accounts.entries())
    kept.push(
      await app.uow.read(account, (tx) =>
        Promise.all((sessions[at] ?? []).map(async ({ id }) => (await tx.sessions.lookup(id)) !== undefined)),
      ),
    );
  expect(kept).toEqual([
    [true, true, false],
    [true, true, false],
  ]);
  expect(await forget()).toEqual({ claims: 0, sessions: 0 });
});

it('a claim is forgotten a day after its secret expired, and not before', async () => {
  const account = await app.account();
  const claim = (key: string, until: Date) => app.uow.write(account, (tx) => tx.claims.claimOnce('oauth-state', key, until));
  expect([await claim('old', addSeconds(NOW, -DAY - 1)), await claim('late', addSeconds(NOW, 1 - DAY))]).toEqual([true, true]);
  expect(await forget()).toEqual({ claims: 1, sessions: 0 });
  expect([await claim('old', NOW), await claim('late', NOW)]).toEqual([true, false]);
});

it('the use of a mailed link is forgotten by a job of its own', async () => {
  const account = await app.account();
  const claim = (purpose: 'magic-link' | 'totp-step', key: string) =>
    app.uow.write(account, (tx) => tx.claims.claimOnce(purpose, key, addSeconds(NOW, -DAY - 1)));
  await Promise.all([claim('magic-link', 'link'), claim('totp-step', 'step')]);
  const run = () => forgetLinks.run(app.container.portsOf(forgetLinks.deps), { aborted: false });
  expect(await run()).toEqual({ links: 1 });
  expect(await run()).toEqual({ links: 0 });
  expect(await forget()).toEqual({ claims: 1, sessions: 0 });
});

it('a session that was ended is forgotten ninety days later, though its tokens have not expired', async () => {
  const account = await app.account();
  const { id } = await app.person('alice', account);
  const ended = await sessionOf(account, id, 300);
  const open = await sessionOf(account, id, 300);
  await app.uow.write(account, (tx) => tx.sessions.revoke({ userId: id, only: [ended.id] }, 'logout'));
  const run = () => forgetRevoked.run(app.container.portsOf(forgetRevoked.deps), { aborted: false });
  // Ended by the clock of the database.
  app.time.now = addSeconds(new Date(), 89 * DAY);
  expect(await run()).toEqual({ sessions: 0 });
  app.time.now = addSeconds(new Date(), 91 * DAY);
  expect(await run()).toEqual({ sessions: 1 });
  app.time.now = NOW;
  const left = await app.uow.read(account, (tx) => tx.sessions.lookup(open.id));
  expect([left?.id, await app.uow.read(account, (tx) => tx.sessions.lookup(ended.id))]).toEqual([open.id, undefined]);
});
