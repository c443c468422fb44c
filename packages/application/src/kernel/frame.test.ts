import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import type { Announced } from '../ports/event-bus.ts';
import { announcedFrom, type Frame, frameOf } from './frame.ts';

const conversationId = asId<'conversation'>('c');
const announced: Announced = {
  type: 'message.posted',
  account: asId('a'),
  durable: true,
  tellings: [
    {
      event: 'receipt:updated',
      to: { kind: 'watchers', conversationIds: [conversationId], except: [asId('bob')], lossy: false },
      reached: { conversationId, receiptsVersion: 3 },
      payload: () => ({ at: '2026-01-01T00:00:00.000Z', version: 7 }),
    },
  ],
};

describe('a frame', () => {
  it('is the same after a way over the wire', () => {
    const frame = frameOf(announced);
    const received = JSON.parse(JSON.stringify(frame)) as Frame;
    expect(received).toEqual(frame);
    const back = announcedFrom(received);
    expect(back && frameOf(back)).toEqual(frame);
  });

  it('of another version is not read', () => {
    expect(announcedFrom({ ...frameOf(announced), v: 2 as 1 })).toBeUndefined();
  });
});
