import { describe, expect, it } from 'vitest';
import { actionAt, readMix } from './mix.ts';

describe('the mix of actions', () => {
  it('is read, and what is not named is not done', () => {
    expect(readMix('send=8,read=2')).toEqual({ send: 8, read: 2, typing: 0, history: 0 });
  });

  it.each(['', 'send', 'send=x', 'send=-1', 'shout=1', 'send=0,read=1', 'read=1'])('refuses %j', (text) => {
    expect(() => readMix(text)).toThrow(/--mix must/);
  });

  it('does each action as often as its share says', () => {
    const mix = readMix('send=1,read=2,history=1');
    const done = Array.from({ length: 8 }, (_, at) => actionAt(mix, at / 8));
    expect(done).toEqual(['send', 'send', 'read', 'read', 'read', 'read', 'history', 'history']);
  });
});
