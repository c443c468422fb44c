import { batchSubscriber, type Subscriber } from '@coucou/application/kernel/subscriber';
import type { Ports } from '@coucou/application/kernel/token';
import { messagePosted } from '@coucou/application/messages/message-events';
import { notificationCreated } from '@coucou/application/notifications/notification-events';
import { Clock } from '@coucou/application/ports/clock';
import { PresenceRegistry } from '@coucou/application/ports/presence';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { pushDue } from './push-events.ts';
import { PushDirectory, PushQueue, type Telling } from './push-repository.ts';

/** So long somebody who is at one of their devices has to read what came, before their other devices tell them of it. */
const READING_SECONDS = 10;

const deps = { uow: unitOfWork({ queue: PushQueue }), directory: PushDirectory, presence: PresenceRegistry, clock: Clock };
type Given = Ports<typeof deps>;

async function enqueue(
  { uow, directory, presence, clock }: Given,
  account: AccountId,
  find: (queue: PushQueue, now: Instant) => Promise<Telling[]>,
): Promise<void> {
  // All that an account without push subscriptions pays.
  if (!(await directory.has(account))) return;
  const now = clock.now();
  const tellings = await uow.read(account, (tx) => find(tx.queue, now));
  if (tellings.length === 0) return;
  const devices = await presence.of(account, [...new Set(tellings.map(({ userId }) => userId))]);
  const isThere = ({ userId }: Telling) => devices.get(userId)?.some(({ status }) => status === 'online') === true;
  await uow.write(account, async (tx) => {
    const due = tellings.map((telling) => ({ ...telling, dueAt: isThere(telling) ? addSeconds(now, READING_SECONDS) : now }));
    await tx.queue.add(account, due, now);
    tx.emit(...due.map(({ subscriptionId, userId, dueAt }) => pushDue({ subscriptionId, userId, at: dueAt > now ? dueAt : undefined })));
  });
}

/** Messages, and what people are notified of, for the devices of those concerned. Repeated, it finds what waits already. */
export const fanOut: readonly Subscriber[] = [
  batchSubscriber({
    name: 'push.messages',
    on: messagePosted,
    deps,
    run: (given, account, events) =>
      enqueue(given, account, (queue, now) =>
        queue.concerned(
          events.flatMap(({ messageIds }) => messageIds),
          now,
        ),
      ),
  }),
  batchSubscriber({
    name: 'push.notifications',
    on: notificationCreated,
    deps,
    run: (given, account, events) => enqueue(given, account, (queue, now) => queue.notified(events, now)),
  }),
];
