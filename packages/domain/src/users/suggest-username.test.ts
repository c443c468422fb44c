import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../kernel/limits.ts';
import { suggestUsername } from './suggest-username.ts';

describe('a suggested username', () => {
  it.each<[readonly (string | undefined)[], string]>([
    [['alice'], 'alice'],
    [['Alice Martin'], 'Alice.Martin'],
    [['alice@example.com'], 'user'],
    [['alice@example.com', 'Alice'], 'Alice'],
    [[undefined, '', 'al', 'alice'], 'alice'],
    [['  alice  '], 'alice'],
    [['..alice--'], 'alice'],
    [['<b>alice</b>'], 'baliceb'],
    [['al\u200bice'], 'alice'],
    [['Žofie'], 'Žofie'],
    [['Z\u030cofie'], 'Žofie'],
    [['😀😀😀'], 'user'],
    [[], 'user'],
    [['...'], 'user'],
    [['x'.repeat(100)], 'x'.repeat(limits.username.max)],
    [['田中太郎'], '田中太郎'],
  ])('is made of %j: %s', (sources, expected) => {
    expect(suggestUsername(sources)).toBe(expected);
  });

  it('has room for what tells it from others', () => {
    expect(suggestUsername(['alice'], '12ab')).toBe('alice-12ab');
    expect(suggestUsername(['x'.repeat(100)], '12ab')).toHaveLength(limits.username.max);
  });

  it('has the length and the ends of a username, whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.option(fc.stringMatching(/^[\da-f]{4,8}$/), { nil: undefined }),
        (source, suffix) => {
          const name = suggestUsername([source], suffix);
          expect(name.length).toBeGreaterThanOrEqual(limits.username.min);
          expect(name.length).toBeLessThanOrEqual(limits.username.max);
          expect(name).toMatch(/^[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])$/u);
          expect(name.normalize('NFC')).toBe(name);
        },
      ),
    );
  });
});
