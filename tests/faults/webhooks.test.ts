import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Behaviour, idOf, openReceiver, type Receiver, type Request, take, verify } from '../support/webhook-receiver.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { outboundTo } from '../support/outbound.ts';
import { startRedis } from '../support/services.ts';
import { type Caller, openTestApp, SECRET, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

/** Issue 13, Must show 3: two processes that deliver, killed five times in turn, and a receiver with troubles of its own. */
const EVENTS = Number(process.env['EVENTS'] ?? 500);
const GROUPS = 10;
const KILLS = 5;

let app: TestApp;
let owner: Caller;
let receiver: Receiver;
const workers: ChildProcess[] = [];
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  const [database, redis] = [await createDatabase(), await startRedis()];
  undo.push(
    () => database.drop(),
    () => redis.stop(),
  );
  // It writes events, and leaves them in the outbox.
  app = await openTestApp({ database, overrides: [outboundTo({ allow: ['127.0.0.1'] })] });
  undo.push(() => app.close());
  owner = await app.person('alice', undefined, 'owner');
  receiver = await openReceiver();
  undo.push(() => receiver.close());
  const env = { ...process.env, DATABASE_URL: database.url, REDIS_URL: redis.url, SECRET };
  startWorker = async (at) => {
    const worker = spawn(process.execPath, [path.join(import.meta.dirname, 'webhook-worker.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    workers[at] = worker;
    await once(worker.stdout, 'data');
  };
  undo.push(() => workers.forEach((worker) => worker.kill('SIGKILL')));
  await Promise.all([startWorker(0), startWorker(1)]);
});
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

let startWorker: (at: number) => Promise<void>;

async function kill(at: number): Promise<void> {
  workers[at]?.kill('SIGKILL');
  await once(workers[at] as ChildProcess, 'exit');
}

type Kind = 'ordered' | 'unordered';

/** What the receiver has taken for each webhook, in the order in which it did: each id once. */
const taken = { ordered: new Map<string, Request>(), unordered: new Map<string, Request>() };
const takenInAll = (): number => taken.ordered.size + taken.unordered.size;
let requests = 0;

const takes: Behaviour = (response, request, incoming) => {
  requests += 1;
  const of = taken[request.path.slice(1) as Kind];
  if (!of.has(idOf(request))) of.set(idOf(request), request);
  return take(response, request, incoming);
};
const fails: Behaviour = (response) => response.writeHead(500).end();
/** Now and then, so that others go on. */
const sometimes =
  (trouble: Behaviour): Behaviour =>
  (response, request, incoming) =>
    (Math.random() < 0.1 ? trouble : takes)(response, request, incoming);

async function reopen(port?: number): Promise<void> {
  await receiver.close();
  receiver = await openReceiver({ behaviour: takes, ...(port !== undefined && { port }) });
}

async function progress(what: string): Promise<void> {
  const before = takenInAll();
  await until(async () => takenInAll() >= Math.min(before + 5, 2 * EVENTS), { what, timeoutMs: 60_000 });
}

it('delivers each event at least once under one id and in order, though workers are killed and the receiver fails, stalls, restarts and moves', async () => {
  receiver.behave(takes);
  const urlOf = (kind: Kind): string => new URL(kind, receiver.url).href;
  const kinds = ['ordered', 'unordered'] as const;
  const create = async (kind: Kind): Promise<Payload> => {
    const input = { url: urlOf(kind), events: ['message.created'], ordered: kind === 'ordered' };
    return { kind, ...(await owner.call('admin.createWebhook', input)) };
  };
  const webhooks = await Promise.all(kinds.map(create));
  const open = () => owner.call('conversations.create', { type: 'group', title: 'A group', memberIds: [] });
  const groups = await Promise.all(Array.from({ length: GROUPS }, open));
  const posted: Payload[] = [];
  async function post(count: number): Promise<void> {
    const inGroup = async ({ id: conversationId }: Payload) => {
      for (let each = 0; each < count / GROUPS; each += 1)
        posted.push(await owner.call('messages.send', { conversationId, content: `message ${each}` }));
    };
    await Promise.all(groups.map(inGroup));
  }
  const troubles: readonly (() => unknown)[] = [
    () => receiver.behave(sometimes(fails)),
    () => receiver.behave(sometimes(() => {})),
    () => reopen(Number(new URL(receiver.url).port)),
    async () => {
      await reopen();
      for (const { kind, webhook } of webhooks) await owner.call('admin.updateWebhook', { webhookId: webhook.id, url: urlOf(kind) });
    },
    () => receiver.behave(sometimes(fails)),
  ];

  let starting = Promise.resolve();
  for (const [round, trouble] of troubles.entries()) {
    const posting = post(EVENTS / KILLS);
    await progress(`deliveries before trouble ${round}`);
    await trouble();
    // The one that was killed before is back, so that one always works.
    await starting;
    await kill(round % 2);
    starting = startWorker(round % 2);
    await Promise.all([posting, progress(`deliveries in trouble ${round}`)]);
  }
  await starting;
  receiver.behave(takes);
  await until(async () => takenInAll() === 2 * EVENTS, { what: 'all to arrive', timeoutMs: 90_000 });

  const messages = posted.map(({ id }) => id).toSorted();
  for (const { kind, secret } of webhooks) {
    const events = [...taken[kind as Kind].values()].map((request) => verify(secret, request));
    expect(events.map(({ data }) => data.messageId).toSorted()).toEqual(messages);
  }
  const ids = new Set(taken.ordered.keys());
  expect(new Set(taken.unordered.keys())).toEqual(ids);
  const versions = Map.groupBy([...taken.ordered.values()], ({ body }) => JSON.parse(body).data.conversationId as string);
  expect(versions.size).toBe(GROUPS);
  for (const ofGroup of versions.values()) {
    const inOrder = ofGroup.map(({ body }) => JSON.parse(body).data.version as number);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  }

  // The receiver had lost the last of them, and is mended.
  const webhookId = webhooks[0]?.webhook.id;
  const deliveries = async (state: string): Promise<Payload[]> =>
    (await owner.call('admin.listWebhookDeliveries', { webhookId, limit: 100, state })).items;
  await until(async () => (await deliveries('pending')).length === 0, { what: 'all to be marked as delivered', timeoutMs: 60_000 });
  expect(await deliveries('failed')).toEqual([]);
  const last = (await deliveries('delivered')).at(-1);
  taken.ordered.clear();
  const { replayed } = await owner.call('admin.replayWebhookDeliveries', { webhookId, deliveries: 'all', from: last?.createdAt });
  expect(replayed).toBeGreaterThanOrEqual(Math.min(100, EVENTS));
  await until(async () => taken.ordered.size === replayed, { what: 'the replay', timeoutMs: 60_000 });
  for (const id of taken.ordered.keys()) expect(ids).toContain(id);
  expect(requests).toBeGreaterThanOrEqual(2 * EVENTS + replayed);
});
