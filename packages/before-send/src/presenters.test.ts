import { limits } from '@coucou/domain/kernel/limits';
import { hasVisible } from '@coucou/domain/kernel/visible';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beforeSendLimits } from './domain/limits.ts';
import { readVerdict } from './presenters.ts';

const read = (answer: unknown) => readVerdict(JSON.stringify(answer));

describe('an answer', () => {
  it('is read by its action, and fields that are not known are passed over', () => {
    expect(read({ action: 'accept', score: 0.1 })).toEqual({ action: 'accept' });
    expect(read({ action: 'change', content: 'hello' })).toEqual({ action: 'change', content: 'hello', data: undefined });
    expect(read({ action: 'change', data: { checked: true } })).toEqual({ action: 'change', content: undefined, data: { checked: true } });
    expect(read({ action: 'refuse', reason: 'No links.' })).toEqual({ action: 'refuse', reason: 'No links.' });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{action: accept}'],
    ['a page', '<html>'],
    ['no object', '"accept"'],
    ['null', 'null'],
    ['another action', '{"action":"allow"}'],
    ['a change of nothing', '{"action":"change"}'],
    ['a change of the wrong type', '{"action":"change","content":5}'],
    ['a text that shows nothing', '{"action":"change","content":"\\u200b "}'],
    ['no text', '{"action":"change","content":""}'],
    ['a NUL', '{"action":"change","content":"a\\u0000"}'],
    ['half a surrogate pair', '{"action":"change","content":"\\ud800"}'],
    ['too long a text', JSON.stringify({ action: 'change', content: 'a'.repeat(limits.messageText + 1) })],
    ['too much data', JSON.stringify({ action: 'change', data: { a: 'a'.repeat(limits.customData) } })],
    ['data that is no object', '{"action":"change","data":[1]}'],
  ])('is none with %s', (_, text) => {
    expect(readVerdict(text)).toBeUndefined();
  });

  it('refuses whatever its reason is, of which senders see one line', () => {
    expect(read({ action: 'refuse' })).toEqual({ action: 'refuse', reason: undefined });
    expect(read({ action: 'refuse', reason: { code: 5 } })).toEqual({ action: 'refuse', reason: undefined });
    expect(read({ action: 'refuse', reason: ' \n ' })).toEqual({ action: 'refuse', reason: undefined });
    expect(read({ action: 'refuse', reason: 'one\r\n\u0007two' })).toEqual({ action: 'refuse', reason: 'one two' });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (given) => {
        const verdict = read({ action: 'refuse', reason: given });
        const reason = verdict?.action === 'refuse' ? (verdict.reason ?? '') : undefined;
        expect(reason).toBeDefined();
        expect([...(reason ?? '')].length).toBeLessThanOrEqual(beforeSendLimits.reason);
        expect(reason).not.toMatch(/\p{Cc}/u);
        expect(reason?.isWellFormed()).toBe(true);
      }),
    );
  });

  it('changes a message into what a client may send, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (content) => {
        const isSendable = content !== '' && content.isWellFormed() && !content.includes('\u0000') && hasVisible(content);
        expect(read({ action: 'change', content }) !== undefined).toBe(isSendable);
      }),
    );
  });

  it('has room for the longest text and the most data, however they are escaped', () => {
    const escaped = `"${'\\ud83d\\ude00'.repeat(limits.messageText)}"`;
    const longest = `{"action":"change","content":${escaped},"data":{"a":"${'\\u0061'.repeat(limits.customData - 8)}"}}`;
    expect(readVerdict(longest)).toMatchObject({ action: 'change' });
    expect(longest.length).toBeLessThanOrEqual(beforeSendLimits.answerBytes);
  });
});
