import { createClaimedProofs } from '@coucou/application/auth/claimed-proofs';
import { refresh } from '@coucou/application/auth/refresh';
import { Claims } from '@coucou/application/auth/repositories';
import { OauthSettings } from '@coucou/application/auth/oauth-settings';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { LocalUsedProofs, type Override, override } from '@coucou/server/composition/ports';
import { loadConfig } from '@coucou/server/config';
import { openSignIn } from '@coucou/server/start/sign-in';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, hasPostgres } from '../support/database.ts';
import { range } from '../support/fixtures.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
import { anonymous } from '../use-cases/calls.ts';
import { signUp } from '../use-cases/auth/mailed.ts';
import { claimed, type SingleUse, TRIES, unclaimed } from './single-use.ts';

let issuer: Issuer;

/** Signs in at the issuer, and remembers proofs where several nodes do. */
const overrides = (): readonly Override[] => [
  openSignIn({
    ...loadConfig({ PUBLIC_URL: 'https://chat.example.com', OUTBOUND_ALLOW: '127.0.0.1', ...issuer.environment('ONE') }),
    listening: () => '',
  }).provide,
  override(OauthSettings, { returnTo: ['https://app.example.com/'] }),
  (container) =>
    container.provide(LocalUsedProofs, (resolve) => createClaimedProofs(withRepositories(resolve(Transactions), { claims: Claims }))),
];

let nodes: readonly [TestApp, ...TestApp[]];
let account: AccountId;
let database: Awaited<ReturnType<typeof createDatabase>> | undefined;
beforeAll(async () => {
  issuer = await startIssuer();
  database = hasPostgres() ? await createDatabase() : undefined;
  const open = () => openTestApp({ overrides: overrides(), ...(database && { database }) });
  // One alone serves an embedded database.
  nodes = database === undefined ? [await open()] : [await open(), await open()];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await Promise.all([issuer.close(), database?.drop()]);
});
beforeEach(async () => {
  account = await nodes[0].account();
});

const until = new Date('2030-01-01T00:00:00.000Z');
const once: readonly SingleUse[] = [...Object.values(claimed).flat(), ...unclaimed];

describe(`of ${TRIES} tries at once, on two nodes where the database serves several`, () => {
  const node = (at: number): TestApp => nodes[at % nodes.length] ?? nodes[0];

  /** What each of the tries came to, counted. */
  async function outcomes(attempt: (app: TestApp, at: number) => Promise<string>): Promise<Record<string, number>> {
    const results = await Promise.all(
      range(0, TRIES - 1).map((at) => attempt(node(at), at).catch((error: Error & { code?: string }) => error.code ?? error.message)),
    );
    return Object.fromEntries([...Map.groupBy(results, (result) => result)].map(([result, all]) => [result, all.length]));
  }

  it.each(once)('one succeeds: %s', async (_name, prepare, refused) => {
    for (const app of nodes) app.settings.guesses = [];
    const use = await prepare({ app: nodes[0], account, issuer });
    expect(await outcomes((app, at) => use(app, at).then(() => 'done'))).toEqual({ done: 1, [refused]: TRIES - 1 });
  });

  it('one rotates a session, and all get its successor', async () => {
    const { refreshToken } = await signUp(node(0), account, 'alice');
    const successors = new Set<string>();
    const found = await outcomes(async (app) => {
      const answer = await app.run(refresh, { refreshToken }, anonymous(account));
      successors.add(answer.refreshToken);
      return answer.refresh;
    });
    expect([found, successors.size]).toEqual([{ rotated: 1, recovered: TRIES - 1 }, 1]);
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

  it('each claims its own: for another purpose, or in another account', async () => {
    const other = await node(0).account();
    const claim = (at: AccountId, purpose: 'magic-link' | 'password-reset') =>
      node(1).uow.write(at, (tx) => tx.claims.claimOnce(purpose, 'two', until));
    const claims = async () => [
      await claim(account, 'magic-link'),
      await claim(account, 'password-reset'),
      await claim(other, 'magic-link'),
    ];
    expect([await claims(), await claims()]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
  });
});
