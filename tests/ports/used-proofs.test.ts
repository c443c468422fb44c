import { randomUUID } from 'node:crypto';
import { createClaimedProofs } from '@coucou/application/auth/claimed-proofs';
import { Claims } from '@coucou/application/auth/repositories';
import type { Proof, UsedProofs } from '@coucou/application/ports/proofs';
import { withRepositories } from '@coucou/application/ports/unit-of-work';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { createUsedProofs } from '@coucou/runtime/used-proofs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
import { openNode, openNodes, newSecret, type RedisNode, untilStatus } from './nodes.ts';

const clock = { now: () => new Date() };
const proofAt = (noncedAt = new Date()): Proof => ({ thumbprint: 'key', id: randomUUID(), noncedAt, expiresAt: addSeconds(noncedAt, 300) });

type Harness = Readonly<{ nodes: readonly UsedProofs[]; account: AccountId; close(): Promise<void> }>;

/** What every adapter promises; on two nodes where it is for several. */
function suite(name: string, open: () => Promise<Harness>): void {
  describe(`used proofs ${name}`, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness.close());
    const node = (at: number) => harness.nodes[at % harness.nodes.length] as UsedProofs;
    const use = (proof: Proof, at = 0, account = harness.account) => node(at).use(account, proof);

    it('are used first once, and again ever after', async () => {
      const proof = proofAt();
      expect([await use(proof, 0), await use(proof, 1), await use(proof, 0)]).toEqual(['first', 'again', 'again']);
    });

    it('are told apart', async () => {
      expect(await Promise.all(Array.from({ length: 20 }, (_, i) => use(proofAt(), i)))).toEqual(Array(20).fill('first'));
    });

    it('are used first by one of fifty at once', async () => {
      const proof = proofAt();
      const uses = await Promise.all(Array.from({ length: 50 }, (_, i) => use(proof, i)));
      expect(uses.toSorted()).toEqual([...Array(49).fill('again'), 'first']);
    });
  });
}

suite('in the memory of one node', async () => ({
  nodes: [createUsedProofs({ clock })],
  account: asId('account'),
  close: async () => {},
}));

suite('in the database of two nodes', async () => {
  const app: TestApp = await openTestApp();
  const claimed = () => createClaimedProofs(withRepositories(app.storage.transactions, { claims: Claims }));
  return { nodes: [claimed(), claimed()], account: await app.account(), close: () => app.close() };
});

const now = () => Date.now();
const onRedis = (node: RedisNode): UsedProofs => node.usedProofs({ without: createUsedProofs({ clock }), now });

suite('on Redis, two nodes', async () => {
  const nodes = await openNodes(redisUrl());
  return {
    nodes: nodes.map(onRedis),
    account: asId('account'),
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  };
});

describe('used proofs in memory', () => {
  const account = asId<'account'>('account');
  const at = (seconds: number) => addSeconds(new Date('2026-01-15T12:00:00.000Z'), seconds);

  it('of before the start cannot be told, and are asked for again', async () => {
    const used = createUsedProofs({ clock: { now: () => at(0) } });
    expect(await used.use(account, proofAt(at(-1)))).toBe('forgotten');
    expect(await used.use(account, proofAt(at(0)))).toBe('first');
  });

  it('are forgotten with their nonces when there are too many, never used twice', async () => {
    let time = at(0);
    const used = createUsedProofs({ clock: { now: () => time }, most: 8 });
    const proofs: Proof[] = [];
    for (let i = 0; i < 100; i += 1) {
      time = at(i / 10);
      const proof = proofAt(time);
      proofs.push(proof);
      expect(await used.use(account, proof)).toBe('first');
    }
    const again = await Promise.all(proofs.map((proof) => used.use(account, proof)));
    expect(new Set(again)).toEqual(new Set(['forgotten', 'again']));
    expect(again.filter((use) => use === 'again').length).toBeLessThanOrEqual(8);
    expect(await used.use(account, proofAt(time))).toBe('first');
  });

  it('make room when they expire, and keep what is new', async () => {
    let time = at(0);
    const used = createUsedProofs({ clock: { now: () => time }, most: 8 });
    for (let i = 0; i < 8; i += 1) await used.use(account, proofAt(at(0)));
    time = at(301);
    expect(await used.use(account, proofAt(at(1)))).toBe('first');
  });
});

describe('an outage of Redis', () => {
  let redis: Instance;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('costs a second try when it begins and when it ends, and lets nothing be used twice', async () => {
    const node = openNode(redis.url, newSecret());
    await node.answered;
    const account = asId<'account'>('account');
    const used = onRedis(node);
    const before = proofAt();
    expect(await used.use(account, before)).toBe('first');
    await redis.kill('SIGSTOP');
    expect(await used.use(account, before)).toBe('forgotten');
    const during = proofAt();
    expect([await used.use(account, during), await used.use(account, during)]).toEqual(['first', 'again']);
    await redis.kill('SIGCONT');
    await untilStatus(node, 'up');
    expect(await used.use(account, during)).toBe('forgotten');
    expect(await used.use(account, before)).toBe('forgotten');
    const after = proofAt();
    expect([await used.use(account, after), await used.use(account, after)]).toEqual(['first', 'again']);
    await node.close();
  });
});
