import { forgetExpired } from '@coucou/application/auth/forget-expired';
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
  const claim = (key: string, until: Date) => app.uow.write(account, (tx) => tx.claims.claimOnce('magic-link', key, until));
  expect([await claim('old', addSeconds(NOW, -DAY - 1)), await claim('late', addSeconds(NOW, 1 - DAY))]).toEqual([true, true]);
  expect(await forget()).toEqual({ claims: 1, sessions: 0 });
  expect([await claim('old', NOW), await claim('late', NOW)]).toEqual([true, false]);
});
