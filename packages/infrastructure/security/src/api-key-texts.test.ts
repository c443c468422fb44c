import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { apiKeyTexts } from './api-key-texts.ts';

const of = { account: asId<'account'>('00000000-0000-7000-8000-000000000001'), id: asId<'apiKey'>('ffffffff-ffff-7fff-bfff-ffffffffffff') };

describe('the text of an API key', () => {
  it('says which key it is of, and has a form that a scanner knows', () => {
    const { text, hash } = apiKeyTexts.issue(of);
    expect(text).toMatch(/^ck_[0-9A-Za-z]{92}$/);
    expect(apiKeyTexts.open(text)).toEqual({ ...of, hash });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is another for each issue', () => {
    const issued = Array.from({ length: 100 }, () => apiKeyTexts.issue(of));
    expect(new Set(issued.map(({ hash }) => hash)).size).toBe(100);
    for (const { text, hash } of issued) expect(apiKeyTexts.open(text)).toEqual({ ...of, hash });
  });

  it('with anything changed is none, by its checksum, without asking anybody', () => {
    const { text } = apiKeyTexts.issue(of);
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
      expect(apiKeyTexts.open(changed)).toBeUndefined();
    }
    for (const other of [
      '',
      'ck_',
      text.slice(0, -1),
      `${text}0`,
      ` ${text}`,
      `${text}\n`,
      text.replace('ck_', 'sk_'),
      `ck_${'z'.repeat(92)}`,
    ])
      expect(apiKeyTexts.open(other)).toBeUndefined();
  });
});
