import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../kernel/limits.ts';
import { commonPasswords } from './common-passwords.ts';
import { checkPassword } from './password-policy.ts';

function refusal(password: string, personal: readonly string[] = []): unknown {
  try {
    checkPassword(password, personal, commonPasswords);
    return undefined;
  } catch (error) {
    return (error as { details: { reason?: unknown } }).details.reason;
  }
}

describe('the password policy', () => {
  it.each([
    ['a sentence', 'correct horse battery'],
    ['eight characters', 'x4!qz9-k'],
    ['lower case only', 'unremarkable words'],
    ['spaces at the ends', '  spaces count too  '],
    ['the longest', 'abc'.repeat(42) + 'ab'],
  ])('accepts %s', (_, password) => {
    expect(refusal(password)).toBeUndefined();
  });

  it.each([
    ['seven characters', 'x4!qz9-', 'length'],
    ['one too many', 'abc'.repeat(43), 'length'],
    ['a common one', 'password123', 'common'],
    ['a common one in other case', 'PassWord123', 'common'],
    ['a common one in full-width letters', 'ｐａｓｓｗｏｒｄ１２３', 'common'],
    ['ligatures that become more than the longest', 'abcﬃ'.repeat(30), 'length'],
    ['one character repeated', 'aaaaaaaaaaaa', 'repetition'],
    ['two characters in turn, whatever their case', 'abABabABabAB', 'repetition'],
  ])('refuses %s', (_, password, reason) => {
    expect(refusal(password)).toBe(reason);
  });

  it("refuses the person's own name and address, whatever the case", () => {
    const personal = ['alice-of-paris', 'alice@example.com'];
    expect(refusal('ALICE-of-paris', personal)).toBe('personal');
    expect(refusal('alice@Example.com', personal)).toBe('personal');
    expect(refusal('alice-of-paris!', personal)).toBeUndefined();
  });

  it('counts code points, not UTF-16 units', () => {
    expect(refusal('😀😁😂🤣')).toBe('length');
    expect(refusal('😀😁😂🤣😃😄😅😆')).toBeUndefined();
  });

  it('tells the bounds with a refused length', () => {
    expect(() => checkPassword('short', [], commonPasswords)).toThrow(
      expect.objectContaining({ code: 'PASSWORD_TOO_WEAK', kind: 'invalid', details: { reason: 'length', ...limits.password } }),
    );
  });

  it('refuses exactly by length where nothing else is wrong', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: limits.password.max + 20 });
    fc.assert(
      fc.property(text, (password) => {
        const fits = password.length >= limits.password.min && password.length <= limits.password.max;
        expect(refusal(password) === 'length').toBe(!fits);
      }),
    );
  });
});

describe('the list of common passwords', () => {
  it('is in lower case and holds none that the length refuses already', () => {
    expect(commonPasswords.size).toBeGreaterThan(150);
    expect([...commonPasswords].filter((word) => word !== word.toLowerCase() || word.length < limits.password.min)).toEqual([]);
  });
});
