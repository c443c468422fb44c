import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../kernel/limits.ts';
import { commonPasswords } from './common-passwords.ts';
import { checkPassword, type PasswordRules } from './password-policy.ts';

const rules: PasswordRules = {
  policy: 'default',
  hasSecondFactor: false,
  owner: { username: 'alice-of-paris', email: 'alice.martin@mail.example.com', displayName: 'Alice Martin' },
  serviceWords: ['coucou', 'chat.acme.test'],
  common: commonPasswords,
};

function refusal(password: string, change: Partial<PasswordRules> = {}): unknown {
  try {
    checkPassword(password, { ...rules, ...change });
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

  it.each([
    ['the username, whatever the case', 'ALICE-of-paris', 'personal'],
    ['the username without what joins it', 'aliceofparis', 'personal'],
    ['the display name', 'alice martin', 'personal'],
    ['a name of it twice, in letters with accents', 'mártinMARTIN', 'personal'],
    ['the address', 'alice.martin@MAIL.example.com', 'personal'],
    ['the name of the mailbox', 'alice.martin', 'personal'],
    ['the host of the mailbox', 'mail.example.com', 'personal'],
    ['a word of that host over and over', 'exampleexample', 'personal'],
    ['the name of the service twice', 'Coucoucoucou', 'service'],
    ['its host', 'chat.acme.test', 'service'],
  ])('refuses %s', (_, password, reason) => {
    expect(refusal(password)).toBe(reason);
  });

  it.each(['alice-of-paris!', 'coucou-alice', 'my name is alice martin', 'example 12345'])(
    'takes %s, which only holds such a word',
    (password) => {
      expect(refusal(password)).toBeUndefined();
    },
  );

  it('counts code points, not UTF-16 units', () => {
    expect(refusal('😀😁😂🤣')).toBe('length');
    expect(refusal('😀😁😂🤣😃😄😅😆')).toBeUndefined();
  });

  it('counts what is hashed: letters in two parts are one', () => {
    const [seven, hundred] = ['e\u0301o\u0301'.repeat(3) + 'x', 'e\u0301o\u0301u\u0308'.repeat(40)];
    expect([...seven].length).toBe(13);
    expect(refusal(seven)).toBe('length');
    expect([...hundred].length).toBe(240);
    expect(refusal(hundred)).toBeUndefined();
  });

  describe('of NIST', () => {
    const alone = { policy: 'nist-aal1' } as const;
    it.each([
      ['fourteen characters', 'fourteen chars', 'length'],
      ['fifteen', 'fifteen letters', undefined],
      ['fourteen, however many bytes', 'ünïcödé lëttrs', 'length'],
    ])('answers %s alone', (_, password, reason) => {
      expect(refusal(password, alone)).toBe(reason);
    });

    it('asks for no more than others where a second factor stands beside the password', () => {
      expect(refusal('x4!qz9-k', { ...alone, hasSecondFactor: true })).toBeUndefined();
      expect(refusal('x4!qz9-', { ...alone, hasSecondFactor: true })).toBe('length');
    });
  });

  it('tells the bounds with a refused length', () => {
    const refused = (min: number, change: Partial<PasswordRules> = {}) =>
      expect(() => checkPassword('short', { ...rules, ...change })).toThrow(
        expect.objectContaining({
          code: 'PASSWORD_TOO_WEAK',
          kind: 'invalid',
          details: { reason: 'length', min, max: limits.password.max },
        }),
      );
    refused(8);
    refused(15, { policy: 'nist-aal1' });
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
