import { asId } from '@coucou/domain/kernel/ids';
import { expect, it } from 'vitest';
import type { Announced, Telling } from '../ports/event-bus.ts';
import { announcedIn, frameOf, textOf } from './frame.ts';
import { payloadOf } from './payload.ts';

const conversationId = asId<'conversation'>('c');
const telling = (payload: object): Telling => ({
  event: 'receipt:updated',
  to: { kind: 'watchers', conversationIds: [conversationId], except: [asId('bob')], lossy: false },
  reached: { conversationId, receiptsVersion: 3 },
  payload: payloadOf(() => payload),
});
const announced = (...payloads: readonly object[]): Announced => ({
  type: 'message.posted',
  account: asId('a'),
  durable: true,
  tellings: payloads.map(telling),
});

it('frames are the same after a way over the wire, each payload with its telling', () => {
  const frames = [
    announced({ text: 'two\nlines \u2028 "quoted"', version: 7 }, { text: 'no version' }),
    announced(),
    announced({ version: 8 }),
  ].map(frameOf);
  const received = announcedIn(textOf(frames));
  expect(received.map(frameOf)).toEqual(frames);
  expect(received.flatMap(({ tellings }) => tellings.map(({ payload }) => payload().version))).toEqual([7, undefined, 8]);
  expect(announcedIn(textOf([]))).toEqual([]);
});
