import { ChatError } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { savedLimits } from './limits.ts';
import { type SavedChange, SavedMessage } from './saved-message.ts';

const NOW = new Date('2026-01-15T09:30:00.000Z');
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const place = {
  accountId: asId<'account'>('account'),
  userId: asId<'user'>('alice'),
  messageId: asId<'message'>('message'),
  conversationId: asId<'conversation'>('conversation'),
  seq: 7,
};
const saved = (wanted: SavedChange = {}) => SavedMessage.save(place, wanted, NOW);

function refusal(decide: () => unknown): unknown {
  try {
    decide();
  } catch (error) {
    if (error instanceof ChatError) return [error.code, error.details];
    throw error;
  }
  return 'accepted';
}

describe('a saved message', () => {
  it('has what was given, and nothing else', () => {
    const nothing = { note: undefined, remindAt: undefined, remindedAt: undefined };
    expect(saved()).toEqual({ ...place, savedAt: NOW, ...nothing });
    expect(saved({ note: null, remindAt: null })).toEqual(saved());
    expect(saved({ note: 'read', remindAt: after(1) })).toEqual({ ...saved(), note: 'read', remindAt: after(1) });
  });

  it('changes in what is given, and stays where nothing changes', () => {
    const full = saved({ note: 'read', remindAt: after(60) });
    expect(SavedMessage.change(full, {}, after(1))).toBeUndefined();
    expect(SavedMessage.change(full, { note: 'read', remindAt: after(60) }, after(1))).toBeUndefined();
    expect(SavedMessage.change(full, { note: 'answer' }, after(1))).toEqual({ ...full, note: 'answer' });
    expect(SavedMessage.change(full, { note: null }, after(1))).toEqual({ ...full, note: undefined });
    expect(SavedMessage.change(full, { remindAt: after(61) }, after(1))).toEqual({ ...full, remindAt: after(61) });
    expect(SavedMessage.change(full, { remindAt: null }, after(1))).toEqual({ ...full, remindAt: undefined });
  });

  it.each([
    [0, false],
    [-1, false],
    [0.001, true],
    [savedLimits.remindSeconds, true],
    [savedLimits.remindSeconds + 1, false],
  ])('is reminded of in %d seconds: %s', (seconds, accepted) => {
    const details = { after: NOW.toISOString(), until: after(savedLimits.remindSeconds).toISOString() };
    expect(refusal(() => saved({ remindAt: after(seconds) }))).toEqual(accepted ? 'accepted' : ['REMIND_AT_INVALID', details]);
  });

  it('is one of a limited number', () => {
    expect(refusal(() => SavedMessage.requireRoom(savedLimits.perPerson - 1))).toBe('accepted');
    expect(refusal(() => SavedMessage.requireRoom(savedLimits.perPerson))).toEqual([
      'SAVED_MESSAGE_LIMIT_REACHED',
      { limit: savedLimits.perPerson },
    ]);
  });
});

describe('a reminder', () => {
  const set = saved({ remindAt: after(60) });

  it('is given once, for the time that is set', () => {
    const given = SavedMessage.remind(set, after(60), after(61));
    expect(given).toEqual({ ...set, remindedAt: after(61) });
    expect(SavedMessage.remind(given ?? set, after(60), after(62))).toBeUndefined();
    expect(SavedMessage.remind(set, after(59), after(61))).toBeUndefined();
    expect(SavedMessage.remind(saved(), after(60), after(61))).toBeUndefined();
  });

  it('that was given stays so for its own time, which has passed, and begins anew with another', () => {
    const given = SavedMessage.remind(set, after(60), after(61)) ?? set;
    expect(SavedMessage.change(given, { note: 'late', remindAt: after(60) }, after(70))).toEqual({ ...given, note: 'late' });
    expect(SavedMessage.change(given, { remindAt: after(80) }, after(70))).toEqual({ ...set, remindAt: after(80) });
    expect(SavedMessage.change(given, { remindAt: null }, after(70))).toEqual({ ...set, remindAt: undefined });
  });
});
