import type { Caller, TestApp } from '../../support/test-app.ts';

/** An account of their own: carol owns it, dan is an admin, alice and bob are members. */
export async function openModerated(app: TestApp): Promise<Readonly<Record<'alice' | 'bob' | 'carol' | 'dan', Caller>>> {
  const account = await app.account();
  const [alice, bob] = [await app.person('alice', account), await app.person('bob', account)];
  const [carol, dan] = [await app.person('carol', account, 'owner'), await app.person('dan', account, 'admin')];
  return { alice, bob, carol, dan };
}

/** What went to this person's own devices since then, by the kind of the entry. */
export const feedOf = (app: TestApp, { id }: Caller, kind: string) =>
  app.told
    .filter(({ event, to, payload }) => event === 'user:event' && to['userId'] === id && payload['kind'] === kind)
    .map(({ payload }) => payload['payload']);
