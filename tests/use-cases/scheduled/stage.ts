import { hook } from '@coucou/application/kernel/hook';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { MessageLog } from '@coucou/application/ports/message-log';
import { TrafficLimiter } from '@coucou/application/ports/traffic-limiter';
import { errors } from '@coucou/domain/kernel/errors';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** An app in which a test says what stands in the way of messages. */
export type Stage = Readonly<{
  app: TestApp;
  alice: Caller;
  bob: Caller;
  /** What the log does instead of appending; whether a hook refuses every message; whether everybody has used their messages up. */
  obstacles: { append: MessageLog['append'] | undefined; refuses: boolean; isLimited: boolean };
  /** All that was scheduled so far becomes due, and is sent. */
  elapse(): Promise<void>;
  /** What the author's devices were told of it. */
  feed(scheduled: Readonly<{ id: string }>): Payload[];
  clear(): void;
}>;

/** One for the tests of a file, each of which finds it cleared. */
export function useStage(opened: (stage: Stage) => void): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    opened(stage);
  });
  afterAll(() => stage.app.close());
  beforeEach(() => stage.clear());
}

async function openStage(): Promise<Stage> {
  const obstacles: Stage['obstacles'] = { append: undefined, refuses: false, isLimited: false };
  const log: MessageLog = {
    append: (request) => (obstacles.append ?? app.storage.messageLog.append)(request),
    findSent: (...asked) => app.storage.messageLog.findSent(...asked),
  };
  // Nobody is limited by the budget of a minute, but where a test says so.
  const limiter: TrafficLimiter = {
    take: (rule) => ({ rule, isAllowed: !obstacles.isLimited, rate: rule.rates[0], remaining: 0, retryAfterMs: 5_000, fullInMs: 5_000 }),
    giveBack: () => {},
  };
  const refusing = hook({
    name: 'tests.refuse',
    at: messageStored,
    deps: {},
    run: async () => {
      if (obstacles.refuses) throw errors.FORBIDDEN();
    },
  });
  const app = await openTestApp({
    features: [{ name: 'tests', hooks: [refusing] }],
    overrides: [override(MessageLog, log), override(TrafficLimiter, limiter)],
  });
  const [alice, bob] = await Promise.all([app.person('alice'), app.person('bob')]);
  return {
    app,
    alice,
    bob,
    obstacles,
    async elapse() {
      await app.dueNow();
      await app.settled();
    },
    feed: ({ id }) =>
      app.told
        .filter(({ event, payload }) => event === 'user:event' && payload['payload'].scheduledMessageId === id)
        .map(({ payload }) => payload['payload']),
    clear() {
      app.time.now = undefined;
      Object.assign(obstacles, { append: undefined, refuses: false, isLimited: false });
    },
  };
}

const HOUR = 3_600_000;
export const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString();
export const schedule = (who: Caller, group: Readonly<{ id: string }>, more: Record<string, unknown> = {}): Promise<Payload> =>
  who.call('scheduled.create', { conversationId: group.id, content: 'later', sendAt: inHours(1), ...more });

type Scheduled = Readonly<{ id: string; conversationId: string }>;
export const named = ({ id, conversationId }: Scheduled) => ({ conversationId, scheduledMessageId: id });
export const get = (who: Caller, scheduled: Scheduled): Promise<Payload> => who.call('scheduled.get', named(scheduled));
export const messages = async (who: Caller, group: Readonly<{ id: string }>): Promise<Payload[]> =>
  (await who.call('messages.list', { conversationId: group.id })).items;
export const texts = async (who: Caller, group: Readonly<{ id: string }>) => (await messages(who, group)).map(({ content }) => content);
