import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { errors } from '@coucou/domain/kernel/errors';
import { beforeEach, expect, it } from 'vitest';
import { noMetrics } from '../metrics/no-metrics.ts';
import type { AnswerCache, AnswerKey } from '../ports/answer-cache.ts';
import type { FileUrls, SignFile } from '../ports/file-urls.ts';
import { createCachedAnswers } from './cached-answers.ts';
import type { Call, UserCall } from './call.ts';
import type { Executed } from './execute.ts';

const [ours, theirs] = [asId<'account'>('ours'), asId<'account'>('theirs')];
const callOf = (account: AccountId, user = 'alice', session = 'phone', more: Partial<Call> = {}): UserCall => ({
  requestId: 'a request',
  account,
  client: { ip: '192.0.2.1', userAgent: 'a test' },
  actor: { userId: asId(user), sessionId: asId(session) },
  ...more,
});

function cacheOf() {
  const kept = new Map<string, string>();
  const nameOf = (key: AnswerKey) => JSON.stringify(key);
  const cache: AnswerCache = {
    get: async (key) => kept.get(nameOf(key)),
    put: (key, answer) => void kept.set(nameOf(key), answer),
  };
  return { kept, cache };
}

let slot = 1;
const fileUrls: FileUrls = {
  verify: () => undefined,
  signerFor:
    ({ actor }) =>
    (file) => ({ url: `/files/${file.id}/${actor.sessionId}/${slot}`, thumbnailUrl: undefined, expiresAt: `at ${slot}` }),
};
const digested = new Map<string, string>();
const digests = {
  fingerprint(parts: readonly unknown[]) {
    const text = JSON.stringify(parts);
    const known = digested.get(text) ?? String(digested.size).padStart(32, '0');
    digested.set(text, known);
    return known;
  },
  uuid: () => '',
};

/** A read whose rows, and whether the caller may have them, are `state`. */
const state = { version: 1, body: {} as object, mayRead: true, reads: 0, fails: undefined as Error | undefined };
let gate: Promise<void> | undefined;
let near: ReturnType<typeof cacheOf>;
let far: ReturnType<typeof cacheOf>;
let answer: (call: Call, input?: unknown) => Promise<Executed>;
beforeEach(() => {
  Object.assign(state, { version: 1, body: { n: 1 }, mayRead: true, reads: 0, fails: undefined });
  slot = 1;
  gate = undefined;
  [near, far] = [cacheOf(), cacheOf()];
  answer = nodeWith(near.cache, far.cache);
});

function nodeWith(...caches: AnswerCache[]) {
  const cached = createCachedAnswers({ caches, digests, fileUrls, metrics: noMetrics, edition: '1' });
  const validate = async () => (state.mayRead ? `v${state.version}` : undefined);
  const perform = async (call: Call): Promise<Executed> => {
    state.reads += 1;
    const { fails } = state;
    const sign = call.placeholders as SignFile;
    await gate;
    if (fails !== undefined) throw fails;
    if (!state.mayRead) throw errors.FORBIDDEN();
    return { status: 200, body: { ...state.body, file: sign?.({ id: asId('a1'), hasThumbnail: false }).url } };
  };
  return (call: Call, input: unknown = {}) =>
    cached({ operation: { name: 'things.list' }, validate, run: perform } as never, input, call, perform);
}
/** What is under way goes on until it waits for the gate. */
const turns = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
};
const bodyOf = async (executed: Promise<Executed>) => (await executed).body;

it('reads once what is asked often, until the validator is another', async () => {
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 1 });
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 1 });
  expect(state.reads).toBe(1);
  Object.assign(state, { version: 2, body: { n: 2 } });
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 2 });
  expect(state.reads).toBe(2);
});

it.each([
  ['account', () => callOf(theirs), {}],
  ['person', () => callOf(ours, 'bob'), {}],
  ['input', () => callOf(ours), { limit: 2 }],
])('keeps what another %s is answered apart', async (_, other, input) => {
  await answer(callOf(ours));
  state.body = { n: 'theirs' };
  expect(await bodyOf(answer(other(), input))).toMatchObject({ n: 'theirs' });
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 1 });
});

it('asks the cache only for those who may read, and keeps no refusal', async () => {
  await answer(callOf(ours));
  state.mayRead = false;
  await expect(answer(callOf(ours))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(near.kept.size).toBe(1);
});

it('makes one answer for all who ask at once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const all = Array.from({ length: 20 }, () => bodyOf(answer(callOf(ours))));
  await turns();
  resolve();
  for (const body of await Promise.all(all)) expect(body).toMatchObject({ n: 1 });
  expect(state.reads).toBe(1);
});

it('who read the validator after a change does not join those who read it before', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const before = bodyOf(answer(callOf(ours)));
  await turns();
  Object.assign(state, { version: 2, body: { n: 2 } });
  const after = bodyOf(answer(callOf(ours)));
  await turns();
  resolve();
  await before;
  expect(await after).toMatchObject({ n: 2 });
  expect(state.reads).toBe(2);
});

it('who joined one that fails makes the answer for themselves, and nothing is kept of the failure', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  state.fails = new Error('the connection is gone');
  const first = answer(callOf(ours));
  await turns();
  state.fails = undefined;
  const second = bodyOf(answer(callOf(ours)));
  await turns();
  resolve();
  await expect(first).rejects.toThrow('the connection is gone');
  expect(await second).toMatchObject({ n: 1 });
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 1 });
});

it('takes from the far cache what another node has made, and keeps it near', async () => {
  const other = nodeWith(cacheOf().cache, far.cache);
  await other(callOf(ours));
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject({ n: 1 });
  expect([state.reads, near.kept.size]).toEqual([1, 1]);
});

it('keeps no signed URL: each session is given its own, and new ones in time', async () => {
  const urlFor = async (session: string) => ((await bodyOf(answer(callOf(ours, 'alice', session)))) as { file: string }).file;
  expect(await urlFor('phone')).toBe('/files/a1/phone/1');
  expect(await urlFor('laptop')).toBe('/files/a1/laptop/1');
  slot = 2;
  expect(await urlFor('phone')).toBe('/files/a1/phone/2');
  expect(state.reads).toBe(1);
  expect([...near.kept.values()].join()).not.toContain('/files/');
});

it('reads nothing for who holds the answer, and whose URLs are still good', async () => {
  const { tagged } = await answer(callOf(ours));
  const holding = (session = 'phone') => callOf(ours, 'alice', session, { holds: (etag) => etag === tagged?.etag });
  expect(await answer(holding())).toEqual({ status: 304, body: undefined, tagged: { etag: tagged?.etag } });
  expect((await answer(holding('laptop'))).status).toBe(200);
  slot = 2;
  expect((await answer(holding())).status).toBe(200);
  slot = 1;
  state.version = 2;
  expect((await answer(holding())).status).toBe(200);
});

it('keeps no answer beyond the largest, which is answered all the same', async () => {
  state.body = { text: 'x'.repeat(600_000) };
  expect(await bodyOf(answer(callOf(ours)))).toMatchObject(state.body);
  expect(near.kept.size).toBe(0);
});
