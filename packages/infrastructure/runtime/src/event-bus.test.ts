import { createEventRegistry } from '@coucou/application/kernel/event-registry';
import { event, type WireEvent, wired } from '@coucou/application/kernel/event';
import { asId } from '@coucou/domain/kernel/ids';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createAnnouncer, createEventBus } from './event-bus.ts';

const account = asId<'account'>('a');
const error = vi.fn<() => void>();
const log = { error };
beforeEach(() => void error.mockClear());

const greeted = event<{ name: string }>()({
  type: 'greeted',
  tells: ['greeting'],
  audience: ({ name }) => [{ event: 'greeting', to: { kind: 'devices', userId: asId(name) } }],
  fact: ({ name }) => ({ name }),
});
const present = vi.fn<(emitted: { name: string }) => { text: string }>(({ name }) => ({ text: `coucou ${name}` }));
const greeting: WireEvent<'greeting', { text: string }> = { name: 'greeting', payload: { _zod: { output: { text: '' } } } };
const feature = wired(greeted, { greeting }, { greeting: (emitted) => present(emitted) });
const clock = { now: () => new Date('2026-01-01T00:00:00.000Z') };

describe('the event bus', () => {
  it('gives every listener what is published, until it unsubscribes', () => {
    const bus = createEventBus(log);
    const heard: string[] = [];
    const unsubscribe = bus.subscribe((announced) => void heard.push(`first ${announced.length}`));
    bus.subscribe((announced) => void heard.push(`second ${announced.length}`));
    bus.publish([{ type: 'x', account, durable: false, tellings: [] }]);
    unsubscribe();
    bus.publish([]);
    expect(heard).toEqual(['first 1', 'second 1', 'second 0']);
  });

  it('keeps the failure of one listener from the others, and from the publisher', () => {
    const bus = createEventBus(log);
    const heard: number[] = [];
    bus.subscribe(() => {
      throw new Error('broken');
    });
    bus.subscribe((announced) => void heard.push(announced.length));
    bus.publish([]);
    expect(heard).toEqual([0]);
    expect(error).toHaveBeenCalledOnce();
  });
});

describe('the announcer', () => {
  const announce = (subscribed: readonly string[]) => {
    const bus = createEventBus(log);
    const published: Parameters<Parameters<typeof bus.subscribe>[0]>[0][number][] = [];
    bus.subscribe((announced) => void published.push(...announced));
    const events = createEventRegistry([feature], new Set(subscribed));
    return { live: createAnnouncer({ events, bus, clock, log }), published };
  };

  it('presents an event once, and only when somebody asks', () => {
    present.mockClear();
    const { live, published } = announce([]);
    live.publish(account, [greeted({ name: 'alice' })]);
    expect(present).not.toHaveBeenCalled();
    const [telling] = published[0]?.tellings ?? [];
    const encoded = { json: '{"text":"coucou alice"}', version: undefined };
    expect([telling?.payload(), telling?.payload()]).toEqual([encoded, encoded]);
    expect(present).toHaveBeenCalledOnce();
  });

  it('says what the outbox holds for a subscriber', () => {
    for (const subscribed of [[], ['greeted']]) {
      const { live, published } = announce(subscribed);
      live.publish(account, [greeted({ name: 'alice' })]);
      expect(published[0]).toMatchObject({ type: 'greeted', account, durable: subscribed.length > 0 });
    }
  });

  it('announces the other events of a transaction when one of them cannot be, and wakes the outbox for it all the same', () => {
    const broken = event<object>()({
      type: 'broken',
      tells: [],
      audience: () => {
        throw new Error('broken');
      },
      fact: () => ({}),
    });
    const bus = createEventBus(log);
    const published: unknown[] = [];
    bus.subscribe((announced) => void published.push(...announced.map(({ type, durable, tellings }) => [type, durable, tellings.length])));
    const events = createEventRegistry([feature, wired(broken, {}, {})], new Set(['broken', 'greeted']));
    createAnnouncer({ events, bus, clock, log }).publish(account, [broken({}), greeted({ name: 'alice' })]);
    expect(published).toEqual([
      ['broken', true, 0],
      ['greeted', true, 1],
    ]);
    expect(error).toHaveBeenCalledOnce();
  });

  it('logs an event that no feature declares, and throws nothing', () => {
    const unknown = event<object>()({ type: 'unknown', tells: [], audience: () => [] });
    const { live, published } = announce([]);
    live.publish(account, [unknown({})]);
    expect(published).toEqual([]);
    expect(error).toHaveBeenCalledOnce();
  });
});
