import { unlinkIdentity } from '@coucou/application/auth/identities';
import { removePasskey } from '@coucou/application/auth/passkeys';
import { Mailer } from '@coucou/application/ports/mailer';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ids } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { identityCodes } from './identity-codes.ts';
import { outcome } from './outcomes.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

const { signIn, signedIn, withPassword } = identityCodes(() => ({ app, account }));
const noAddress = { email: undefined, emailVerified: false };

async function addPasskey(userId: UserId) {
  const id = ids.next<'passkey'>();
  const passkey = {
    accountId: account,
    id,
    userId,
    credentialId: id,
    publicKey: 'AQ',
    counter: 0,
    transports: [],
    backedUp: false,
    name: 'A key',
    createdAt: new Date(),
    lastUsedAt: undefined,
  };
  await app.uow.write(account, (tx) => tx.passkeys.add(passkey));
  return id;
}
const identityOf = async (userId: UserId) => (await app.uow.read(account, (tx) => tx.identities.list(userId)))[0]?.id ?? ('' as never);
const unlink = async (userId: UserId) => outcome(app.run(unlinkIdentity, { identityId: await identityOf(userId) }, await signedIn(userId)));
const remove = async (userId: UserId, passkeyId: Awaited<ReturnType<typeof addPasskey>>) =>
  outcome(app.run(removePasskey, { passkeyId }, await signedIn(userId)));

describe('the last way in', () => {
  it('stays, be it a passkey or an identity', async () => {
    const { user } = await signIn(noAddress);
    const passkey = await addPasskey(user.id);
    expect(await unlink(user.id)).toBe('in');
    expect(await remove(user.id, passkey)).toBe('LAST_WAY_IN');
    const another = await addPasskey(user.id);
    expect(await remove(user.id, passkey)).toBe('in');
    expect(await remove(user.id, another)).toBe('LAST_WAY_IN');
  });

  it('stays when both are taken away at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { user } = await signIn({ ...noAddress, subject: `person ${round}` });
      const passkey = await addPasskey(user.id);
      expect((await Promise.all([unlink(user.id), remove(user.id, passkey)])).toSorted()).toEqual(['LAST_WAY_IN', 'in']);
    }
  });

  it('is a proven mailbox, too, where the server sends mail', async () => {
    const { user } = await signIn({ subject: 'bob', email: 'bob@example.com' });
    const passkey = await addPasskey(user.id);
    expect(app.container.resolve(Mailer).isAvailable).toBe(true);
    expect([await unlink(user.id), await remove(user.id, passkey)]).toEqual(['in', 'in']);
  });

  it('is not asked about of who has a password', async () => {
    const alice = await withPassword('alice', false);
    expect(await remove(alice, await addPasskey(alice))).toBe('in');
  });
});
