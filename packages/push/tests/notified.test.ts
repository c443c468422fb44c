import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalPushService, openPushService } from '../../../tests/support/push-service.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, send } from '../../../tests/use-cases/calls.ts';
import { openPushApp, pass, signedIn, subscribe } from './push-app.ts';

/** What people are notified of reaches their devices too. */

let app: TestApp;
let service: LocalPushService;
let alice: Caller;
let bob: Caller;
let group: Payload;
beforeAll(async () => {
  [app, service] = [await openPushApp(), await openPushService()];
});
beforeEach(async () => {
  [alice, bob] = [await signedIn(app, 'alice'), await signedIn(app, 'bob')];
  group = await openGroup(alice, [bob]);
  await app.settled();
  await subscribe(bob, service.device());
  service.pushed.length = 0;
});
afterEach(() => {
  app.time.now = undefined;
  service.behave((response) => response.writeHead(201).end());
});
afterAll(async () => {
  await app.close();
  await service.close();
});

const kinds = () => service.pushed.map(({ data }) => data['kind']);
const wants = (push: boolean) => bob.call('preferences.put', { notifications: { push, email: true, mentionsOnly: true } });
const mention = async () => {
  await send(alice, group, 'hello bob', { mentions: [bob.id] });
  await app.settled();
};
const remind = async () => {
  const message = await send(alice, group, 'do not forget');
  await bob.call('savedMessages.put', { messageId: message.id, remindAt: new Date(Date.now() + 3_600_000).toISOString() });
  await app.settled();
  await pass(app, 3_601);
};

describe('a notification', () => {
  it('reaches the devices of somebody who wants mentions only', async () => {
    await wants(true);
    await mention();
    expect(kinds()).toEqual(['mention']);
  });

  it('reaches none of somebody who wants no pushes', async () => {
    await wants(false);
    await mention();
    await remind();
    expect(kinds()).toEqual([]);
  });

  it('of what one set for oneself comes whatever is muted', async () => {
    const muted = { notify: 'none', mutedUntil: '2999-01-01T00:00:00.000Z', archived: true };
    await bob.call('membership.update', { conversationId: group.id, ...muted });
    await remind();
    expect(kinds()).toEqual(['reminder']);
  });

  it('of what somebody did does not come once they are blocked; of what one set for oneself it does', async () => {
    const erin = await signedIn(app, 'erin');
    await bob.call('preferences.put', {
      notifications: { push: true, email: true, mentionsOnly: false, quietHours: { from: '22:00', to: '07:00', timeZone: 'Asia/Tokyo' } },
    });
    await app.sql(`update session set expires_at = '2999-01-01' where user_id = $1`, [bob.id]);
    // 23:30 in Tokyo.
    app.time.now = new Date('2031-05-10T14:30:00.000Z');
    const message = await send(alice, group, 'do not forget');
    await bob.call('savedMessages.put', { messageId: message.id, remindAt: '2031-05-10T15:30:00.000Z' });
    for (const one of [alice, erin]) await openGroup(one, [bob]);
    await app.settled();
    await pass(app, 3_601);
    await bob.call('blocks.put', { userId: alice.id });
    app.time.now = new Date('2031-05-10T22:00:01.000Z');
    await pass(app, 0);
    expect(service.pushed.map(({ data }) => [data['kind'], data['title']])).toEqual([
      ['added', 'A group'],
      ['reminder', 'A group'],
    ]);
  });

  it('is stored whatever becomes of its push, which comes once, after the push service does', async () => {
    service.behave((response) => response.writeHead(503).end());
    await mention();
    expect((await bob.call('notifications.list', { unread: true })).items).toMatchObject([{ kind: 'mention' }, { kind: 'added' }]);
    service.pushed.length = 0;
    service.behave((response) => response.writeHead(201).end());
    await pass(app, 600);
    await pass(app, 600);
    expect(kinds()).toEqual(['mention']);
  });
});
