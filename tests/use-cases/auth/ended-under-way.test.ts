import { importUsers } from '@coucou/application/accounts/import-users';
import { logout } from '@coucou/application/auth/sessions';
import type { AdminCall, UserCall } from '@coucou/application/kernel/call';
import { exportMe } from '@coucou/application/privacy/export-data';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { importLines } from '@coucou/features/accounts/import-lines';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';
import { identityCodes } from './identity-codes.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

const { signedIn } = identityCodes(() => ({ app, account }));
const signOut = (call: UserCall) => app.run(logout, {}, call);

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}

describe('what takes as long as its client likes', () => {
  it('sends no more of an export when the session of who asked for it ends', async () => {
    const { id } = await app.person('alice', account);
    const call = await signedIn(id);
    const { body } = await app.run(exportMe, {}, call);
    await signOut(call);
    expect(await refusal(bytesOf(body))).toBe('SESSION_REVOKED');
    // Nothing is left of it that would keep out the next.
    expect(await bytesOf((await app.run(exportMe, {}, await signedIn(id))).body)).toBeGreaterThan(0);
  });

  it('imports no more lines, and keeps what it has imported', async () => {
    const { id } = await app.person('olga', account, 'owner');
    const call: UserCall & AdminCall = { ...(await signedIn(id)), authority: { by: 'person', userId: id, role: 'owner' } };
    async function* lines() {
      for (let at = 0; at < 150; at += 1) {
        if (at === 120) await signOut(call);
        yield Buffer.from(`${JSON.stringify({ username: `person-${at}` })}\n`);
      }
    }
    const start = await app.run(importUsers, { dryRun: false }, call);
    expect(await refusal(start(importLines(lines(), 1)))).toBe('SESSION_REVOKED');
    const found = await app.uow.read(account, async (tx) =>
      Promise.all([99, 100].map((at) => tx.users.lookupByIdentifier(`person-${at}`))),
    );
    expect(found.map((each) => each !== undefined)).toEqual([true, false]);
  });
});
