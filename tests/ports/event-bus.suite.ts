import { randomUUID } from 'node:crypto';
import { frameOf } from '@coucou/application/kernel/frame';
import { payloadOf } from '@coucou/application/kernel/payload';
import type { Announced, EventBus } from '@coucou/application/ports/event-bus';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

export type BusUnderTest = Readonly<{
  /** Where events are published, and where they are heard: of one node, or of two. */
  from: EventBus;
  to: EventBus;
  close(): Promise<void>;
}>;

export const account = asId<'account'>(randomUUID());
const conversationId = asId<'conversation'>(randomUUID());
const userId = asId<'user'>(randomUUID());

/** An event that a test tells from others by its type. */
export const eventOf = (type: string, payload: () => object = () => ({ at: '2026-01-01T00:00:00.000Z', type })): Announced => ({
  type,
  account,
  durable: false,
  tellings: [{ event: 'message:new', to: { kind: 'devices', userId }, payload: payloadOf(payload) }],
});

/** The types of what a bus delivers, in order. */
export function hear(bus: EventBus): string[] {
  const heard: string[] = [];
  bus.subscribe((announced) => void heard.push(...announced.map(({ type }) => type)));
  return heard;
}

/** What every event bus does, from each node to each. */
export function busSuite(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`the event bus: ${name}`, () => {
    let under: BusUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    /** Publishes, and waits until what was published last is heard. */
    async function published(...batches: readonly (readonly Announced[])[]): Promise<string[]> {
      const { from, to } = under;
      const heard = hear(to);
      for (const batch of batches) from.publish(batch);
      const last = randomUUID();
      from.publish([eventOf(last)]);
      await until(() => heard.at(-1) === last, { what: 'the last event' });
      return heard.slice(0, -1);
    }

    it('gives a listener everything once, in the order of publishing, in batches or alone', async () => {
      const types = Array.from({ length: 500 }, (_, at) => String(at));
      const batches = types.map((type) => [eventOf(type)]);
      expect(await published(...batches)).toEqual(types);
      expect(await published(types.map((type) => eventOf(type)))).toEqual(types);
      expect(await published([], [eventOf('one')], [])).toEqual(['one']);
    });

    it('carries every audience, counter and payload as it was', async () => {
      const whole: Announced = {
        type: 'anything',
        account,
        durable: true,
        tellings: [
          ...[
            { kind: 'conversation', conversationId, accessVersion: 7, whole: true } as const,
            { kind: 'person', userId, conversationId, follows: false, accessVersion: 8 } as const,
            { kind: 'watchers', conversationIds: [conversationId], except: [userId], lossy: true } as const,
            { kind: 'members', conversationId, except: [], accessVersion: 9 } as const,
            { kind: 'inbox' } as const,
          ].map((to) => ({
            event: 'message:new',
            to,
            payload: payloadOf(() => ({ text: 'naïve 👍🏽 \u0000 "quoted" \u2028\n', nested: [{ version: 3 }], version: 5 })),
          })),
          {
            event: 'receipt:updated',
            to: { kind: 'devices', userId },
            reached: { userId, userVersion: 4 },
            payload: payloadOf(() => ({})),
          },
        ],
      };
      const heard: Announced[] = [];
      const leave = under.to.subscribe((announced) => void heard.push(...announced.filter(({ type }) => type === 'anything')));
      await published([whole]);
      leave();
      expect(heard.map(frameOf)).toEqual([frameOf(whole)]);
    });

    it('carries an audience of a kind that it does not know', async () => {
      const to = { kind: 'anything', ids: ['a', 'b'], except: 'c' } as never;
      const heard: unknown[] = [];
      const leave = under.to.subscribe(
        (announced) => void heard.push(...announced.flatMap(({ tellings }) => tellings.map((each) => each.to))),
      );
      await published([{ ...eventOf('unknown'), tellings: [{ event: 'x', to, payload: payloadOf(() => ({})) }] }]);
      leave();
      expect(heard).toContainEqual(to);
    });

    it('keeps the failure of one listener from the others, and from the publisher', async () => {
      const leave = under.to.subscribe(() => {
        throw new Error('broken');
      });
      expect(await published([eventOf('heard')])).toEqual(['heard']);
      leave();
    });

    it('tells nothing to who has left', async () => {
      const heard: string[] = [];
      const leave = under.to.subscribe((announced) => void heard.push(...announced.map(({ type }) => type)));
      await published([eventOf('before')]);
      leave();
      await published([eventOf('after')]);
      expect(heard).toContain('before');
      expect(heard).not.toContain('after');
    });

    it('delivers on its own node in the turn of the publisher', () => {
      const heard = hear(under.from);
      under.from.publish([eventOf('now')]);
      expect(heard).toEqual(['now']);
    });

    it('presents a payload once at most', async () => {
      let presented = 0;
      await published([eventOf('lazy', () => ({ count: (presented += 1) }))]);
      expect(presented).toBeLessThanOrEqual(1);
    });
  });
}
