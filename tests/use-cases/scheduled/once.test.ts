import { sendDue } from '@coucou/application/scheduled/send-due';
import { errors } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import type { Caller, TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';
import { get, inHours, messages, named, schedule, type Stage, texts, useStage } from './stage.ts';

/** Scheduled messages: each occurrence is sent once, whatever happens to the servers. */

let stage: Stage;
let app: TestApp;
let alice: Caller;
let bob: Caller;
useStage((opened) => ({ app, alice, bob } = stage = opened));

describe('sent once', () => {
  it('though the server dies between the append and its note of it; meanwhile it can be neither changed nor cancelled', async () => {
    const conversation = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, conversation);
    stage.obstacles.append = async (request) => {
      await app.storage.messageLog.append(request);
      throw errors.SERVICE_UNAVAILABLE();
    };
    await app.dueNow();
    await expect(app.settled()).rejects.toThrow('unavailable');
    expect(await get(alice, scheduled)).toMatchObject({ status: 'sending' });
    const changed = alice.call('scheduled.update', { ...named(scheduled), content: 'x', sendAt: inHours(1) });
    expect(await refusal(changed)).toBe('SCHEDULED_MESSAGE_SENDING');
    expect(await refusal(alice.call('scheduled.delete', named(scheduled)))).toBe('SCHEDULED_MESSAGE_SENDING');
    stage.obstacles.append = undefined;
    // Nor does it matter what would be refused by now.
    Object.assign(stage.obstacles, { refuses: true, isLimited: true });
    await stage.elapse();
    expect(await texts(bob, conversation)).toEqual(['later']);
    expect(await refusal(get(alice, scheduled))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
    expect(stage.feed(scheduled).map(({ state }) => state)).toEqual(['scheduled', 'sent']);
  });

  it('though the server dies before the append', async () => {
    const conversation = await openGroup(alice, [bob]);
    await schedule(alice, conversation);
    stage.obstacles.append = () => Promise.reject(errors.SERVICE_UNAVAILABLE());
    await app.dueNow();
    await expect(app.settled()).rejects.toThrow('unavailable');
    expect(await texts(bob, conversation)).toEqual([]);
    stage.obstacles.append = undefined;
    await stage.elapse();
    expect(await texts(bob, conversation)).toEqual(['later']);
  });

  it('unless its author took its key for another message before it was sent, which refuses it', async () => {
    const conversation = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, conversation);
    let clientMessageId = '';
    stage.obstacles.append = async ({ draft }) => {
      ({ clientMessageId } = draft);
      throw errors.SERVICE_UNAVAILABLE();
    };
    await app.dueNow();
    await expect(app.settled()).rejects.toThrow('unavailable');
    stage.obstacles.append = undefined;
    await send(alice, conversation, 'another', { clientMessageId });
    await stage.elapse();
    expect(await get(alice, scheduled)).toMatchObject({ status: 'failed', refusal: 'CLIENT_MESSAGE_ID_CONFLICT' });
    expect(await texts(bob, conversation)).toEqual(['another']);
  });

  it.each<[string, object]>([
    ['scheduled.due', {}],
    ['scheduled.due', { scheduledMessageId: 'x' }],
    ['scheduled.due', { revision: 1, at: 'soon' }],
    ['message.expires', {}],
    ['message.expires', { conversationId: 7 }],
  ])('and what cannot be read of it, %s %j, is given up and kept, not taken for done', async (type, payload) => {
    await app.sql('insert into outbox (account_id, id, type, payload) values ($1, gen_random_uuid(), $2, $3)', [
      alice.account,
      type,
      JSON.stringify(payload),
    ]);
    await app.settled();
    const kept = await app.sql('delete from outbox where dead_at is not null returning type, last_error');
    expect(kept).toEqual([{ type, last_error: expect.stringMatching(/^JOB_UNREADABLE/) }]);
  });

  it('by several nodes that have taken the same event at once', async () => {
    const conversation = await openGroup(alice, [bob]);
    const recurrence = { rrule: 'FREQ=DAILY', timeZone: 'UTC' };
    const [once, series] = [await schedule(alice, conversation), await schedule(alice, conversation, { content: 'daily', recurrence })];
    const events = [once, series].map(({ id, sendAt }: Payload) => ({
      id,
      account: alice.account,
      type: 'scheduled.due',
      scheduledMessageId: id,
      conversationId: conversation['id'],
      revision: 1,
      at: sendAt,
    }));
    const node = () => sendDue.run(app.container.portsOf(sendDue.deps), events);
    await Promise.all([node(), node(), node()]);
    await node();
    expect((await texts(bob, conversation)).toSorted()).toEqual(['daily', 'later']);
    expect(stage.feed(series).map(({ state }) => state)).toEqual(['scheduled', 'scheduled']);
    await alice.call('scheduled.delete', named(series));
  });

  it('though it is sent more than a day late, when it can be neither changed nor cancelled either', async () => {
    const conversation = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, conversation);
    app.time.now = new Date(Date.now() + 3 * 86_400_000);
    const refusals: string[] = [];
    stage.obstacles.append = async (request) => {
      const changed = alice.call('scheduled.update', { ...named(scheduled), content: 'x', sendAt: app.time.now?.toISOString() });
      refusals.push(await refusal(changed), await refusal(alice.call('scheduled.delete', named(scheduled))));
      return app.storage.messageLog.append(request);
    };
    await stage.elapse();
    expect(refusals).toEqual(['SCHEDULED_MESSAGE_SENDING', 'SCHEDULED_MESSAGE_SENDING']);
    expect(await texts(bob, conversation)).toEqual(['later']);
  });

  it('and not at all after it was cancelled', async () => {
    const conversation = await openGroup(alice, [bob]);
    const scheduled = await schedule(alice, conversation);
    const outcomes = await Promise.allSettled([stage.elapse(), alice.call('scheduled.delete', named(scheduled))]);
    await stage.elapse();
    const cancelled = outcomes[1]?.status === 'fulfilled' && stage.feed(scheduled).some(({ state }) => state === 'deleted');
    expect(await texts(bob, conversation)).toEqual(cancelled ? [] : ['later']);
  });
});

describe('a series', () => {
  const year = new Date().getUTCFullYear() + 1;
  const at = (date: string) => new Date(`${year}-${date}`);

  it('is sent at the same time of the wall clock through both changes of the clocks, each occurrence once', async () => {
    const conversation = await openGroup(alice, [bob]);
    app.time.now = at('03-14T00:00:00Z');
    const recurrence = { rrule: 'FREQ=WEEKLY;BYDAY=SU', timeZone: 'Europe/Berlin' };
    const scheduled = await schedule(alice, conversation, { sendAt: at('03-14T01:30:00Z').toISOString(), recurrence });
    const sentAt: string[] = [];
    const sendUntil = async (end: Date): Promise<void> => {
      for (let next = (await get(alice, scheduled)).sendAt; next < end.toISOString(); next = (await get(alice, scheduled)).sendAt) {
        sentAt.push(next);
        app.time.now = new Date(next);
        await stage.elapse();
      }
    };
    await sendUntil(at('04-12T00:00:00Z'));
    app.time.now = at('10-16T00:00:00Z');
    await stage.elapse();
    await sendUntil(at('11-08T00:00:00Z'));
    // One more for all that were missed in the summer.
    expect(await messages(bob, conversation)).toHaveLength(sentAt.length + 1);
    expect(new Set(sentAt).size).toBe(sentAt.length);
    expect(sentAt.length).toBeGreaterThanOrEqual(7);
    const clock = new Intl.DateTimeFormat('de', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' });
    const hours = sentAt.map((each) => clock.format(new Date(each)));
    // On one Sunday in March there is no half past two.
    expect(hours.filter((hour) => hour !== '02:30')).toEqual(['03:30']);
  });

  it('sends one of those that were missed while no server ran, and goes on', async () => {
    const conversation = await openGroup(alice, [bob]);
    app.time.now = at('05-01T00:00:00Z');
    const recurrence = { rrule: 'FREQ=DAILY;COUNT=10', timeZone: 'UTC' };
    const scheduled = await schedule(alice, conversation, { sendAt: at('05-01T09:00:00Z').toISOString(), recurrence });
    app.time.now = at('05-06T10:00:00Z');
    await stage.elapse();
    expect(await texts(bob, conversation)).toEqual(['later']);
    expect(await get(alice, scheduled)).toMatchObject({ sendAt: at('05-07T09:00:00Z').toISOString() });
    app.time.now = at('05-10T09:00:00Z');
    await stage.elapse();
    expect(await texts(bob, conversation)).toEqual(['later', 'later']);
    expect(await refusal(get(alice, scheduled))).toBe('SCHEDULED_MESSAGE_NOT_FOUND');
    expect(stage.feed(scheduled).at(-1)).toMatchObject({ state: 'sent' });
  });

  it('goes on after a refusal, and ends after three in a row', async () => {
    const conversation = await openGroup(alice, [bob]);
    app.time.now = at('05-01T00:00:00Z');
    const recurrence = { rrule: 'FREQ=DAILY', timeZone: 'UTC' };
    const scheduled = await schedule(alice, conversation, { sendAt: at('05-01T09:00:00Z').toISOString(), recurrence });
    for (const [isRefused, refusals] of [
      [true, 1],
      [true, 2],
      [false, undefined],
      [true, 1],
      [true, 2],
    ] as const) {
      stage.obstacles.refuses = isRefused;
      await stage.elapse();
      expect((await get(alice, scheduled)).refusals).toBe(refusals);
    }
    expect(await get(alice, scheduled)).toMatchObject({ status: 'scheduled', sendAt: at('05-06T09:00:00Z').toISOString() });
    await stage.elapse();
    expect(await get(alice, scheduled)).toMatchObject({ status: 'failed', refusals: 3, refusal: 'FORBIDDEN' });
    expect(stage.feed(scheduled).map(({ state, code }) => `${state} ${code ?? ''}`)).toEqual([
      'scheduled ',
      'scheduled FORBIDDEN',
      'scheduled FORBIDDEN',
      'scheduled ',
      'scheduled FORBIDDEN',
      'scheduled FORBIDDEN',
      'failed FORBIDDEN',
    ]);
    await stage.elapse();
    expect(await texts(bob, conversation)).toEqual(['later']);
  });
});
