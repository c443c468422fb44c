import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGroup, expectStored, ids, range, remove, sendAll, sending } from '../support/fixtures.ts';
import { engines } from './engines.ts';
import { groupIn, statuses } from './message-log-group.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

describe.each(engines)('a resend on %s', (_engine, open) => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());
  const group = () => groupIn(storage);

  it('is answered with the message as stored', async () => {
    const { from, stored } = await group();
    const request = sending({ ...from, data: { a: 1, b: { c: 2, d: 3 } } });
    const message = expectStored(await storage.log.append(request));
    const again = sending({ ...request.draft, id: ids.next(), data: { b: { d: 3, c: 2 }, a: 1 } });
    expect(await storage.log.append(again)).toEqual({ status: 'duplicate', message });
    expect(await stored()).toHaveLength(1);
  });

  it('with anything else in it is a conflict', async () => {
    const { from, stored } = await group();
    const request = sending(from);
    await storage.log.append(request);
    for (const change of [{ content: 'hello!' }, { data: {} }, { type: 'custom' } as const]) {
      expect(await storage.log.append(sending({ ...request.draft, ...change }))).toEqual({ status: 'conflict' });
    }
    expect(await stored()).toHaveLength(1);
  });

  it('within one batch shares the answer of the first', async () => {
    const { from, stored } = await group();
    const clientMessageId = ids.next();
    const results = await sendAll(
      storage.log,
      ['hello', 'hello', 'other'].map((content) => sending({ ...from, clientMessageId, content })),
    );
    expect(statuses(results)).toEqual(['stored', 'duplicate', 'conflict']);
    expect(await stored()).toHaveLength(1);
  });

  it('twenty times at once is stored once', async () => {
    const { from, stored } = await group();
    const request = sending(from);
    const results = await sendAll(
      storage.log,
      range(1, 20).map(() => ({ ...request, draft: { ...request.draft, id: ids.next() } })),
    );
    expect(statuses(results).toSorted()).toEqual([...range(1, 19).map(() => 'duplicate'), 'stored']);
    expect(new Set(results.map((result) => ('message' in result ? result.message.id : undefined))).size).toBe(1);
    expect(await stored()).toHaveLength(1);
  });

  it('by somebody else, or into another conversation, is another message', async () => {
    const { from, account, alice, bob } = await group();
    const request = sending(from);
    await storage.log.append(request);
    const other = await createGroup(storage.uow, account, [alice]);
    const results = await sendAll(storage.log, [
      sending({ ...request.draft, senderId: bob }),
      sending({ ...request.draft, conversationId: other }),
    ]);
    expect(statuses(results)).toEqual(['stored', 'stored']);
  });

  it('is answered after the sender was removed, by both doors', async () => {
    const { from, account, alice, bob, conversationId } = await group();
    const request = sending({ ...from, senderId: bob });
    const message = expectStored(await storage.log.append(request));
    await remove(storage.uow, account, conversationId, alice, bob);
    expect(await storage.log.append(request)).toEqual({ status: 'duplicate', message });
    expect(await storage.log.findSent(request.draft, request.asSent)).toEqual({ status: 'duplicate', message });
    expect(await storage.log.findSent(request.draft, { content: 'other' })).toEqual({ status: 'conflict' });
  });

  it('is found under its own key only', async () => {
    const { from, bob } = await group();
    const { draft, asSent } = sending(from);
    await storage.log.append({ draft, asSent });
    for (const change of [
      { senderId: bob },
      { clientMessageId: ids.next() },
      { conversationId: ids.next<'conversation'>() },
      { accountId: ids.next<'account'>() },
    ])
      expect(await storage.log.findSent({ ...draft, ...change }, asSent)).toBeUndefined();
  });
});
