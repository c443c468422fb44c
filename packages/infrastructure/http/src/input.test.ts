import type { HttpMethod } from '@coucou/contracts/kernel/operation';
import { listMessages } from '@coucou/contracts/messages/list-messages';
import { ChatError } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createReadInput } from './input.ts';

const Place = z.strictObject({
  id: z.string(),
  limit: z.int().optional(),
  exact: z.boolean().optional(),
  ratio: z.number().optional(),
  labels: z.array(z.string()).optional(),
  ids: z.array(z.int()).optional(),
  word: z.string().optional(),
});
const read = (method: HttpMethod, request: { params?: object; query?: object; body?: unknown }, schema: z.ZodType = Place) =>
  createReadInput({ method }, schema)({ params: {}, query: {}, body: undefined, ...request });
const refusal = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof ChatError ? [error.code, error.details] : error;
  }
};

describe('the input of an operation over HTTP', () => {
  it('is the path and the query where there is no body', () => {
    expect(read('GET', { params: { id: '7' }, query: { limit: '5', exact: 'false', ratio: '-0.5', word: '12' } })).toEqual({
      id: '7',
      limit: 5,
      exact: false,
      ratio: -0.5,
      word: '12',
    });
  });

  it('is the path and the body otherwise, as they are', () => {
    expect(read('POST', { params: { id: '7' }, body: { limit: '5' } })).toEqual({ id: '7', limit: '5' });
    expect(read('POST', { params: { id: '7' } })).toEqual({ id: '7' });
  });

  it('reads repeated names as a list where the schema takes one', () => {
    expect(read('GET', { query: { labels: 'a', ids: ['1', '2'] } })).toEqual({ labels: ['a'], ids: [1, 2] });
    expect(read('GET', { query: { limit: ['1', '2'] } })).toEqual({ limit: ['1', '2'] });
  });

  it.each([['1e3'], [' 5'], ['0x10'], ['5.0'], [''], ['NaN'], ['99999999999999999']])(
    'leaves %j text where an integer is taken',
    (limit) => {
      expect(read('GET', { query: { limit } })).toEqual({ limit });
    },
  );

  it('reads a place in a conversation: a seq or a time', () => {
    const time = '2026-01-15T09:30:00.000Z';
    expect(read('GET', { query: { before: '42', after: time } }, listMessages.input)).toEqual({ before: 42, after: time });
  });

  it('reads a time whose plus was not escaped, and leaves other texts alone', () => {
    expect(read('GET', { query: { before: '2026-01-15T10:30:00 01:00' } }, listMessages.input)).toEqual({
      before: '2026-01-15T10:30:00+01:00',
    });
    expect(read('GET', { query: { word: 'at 10:30' } })).toEqual({ word: 'at 10:30' });
  });

  it('reads the properties of each choice', () => {
    const choice = z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('seq'), at: z.int() }),
      z.strictObject({ by: z.literal('time'), at: z.string() }),
    ]);
    expect(read('GET', { query: { by: 'seq', at: '7' } }, choice)).toEqual({ by: 'seq', at: 7 });
  });

  it('takes nothing twice', () => {
    expect(refusal(() => read('POST', { params: { id: '7' }, body: { id: '8' } }))).toEqual([
      'VALIDATION_FAILED',
      [{ path: ['id'], rule: 'duplicate', message: 'This is already given in the path.' }],
    ]);
    expect(refusal(() => read('GET', { params: { id: '7' }, query: { id: '7' } }))).toMatchObject([
      'VALIDATION_FAILED',
      [{ path: ['id'] }],
    ]);
  });

  it('takes nothing by the wrong way', () => {
    expect(refusal(() => read('POST', { query: { word: 'secret' } }))).toMatchObject([
      'VALIDATION_FAILED',
      [{ path: ['word'], rule: 'misplaced' }],
    ]);
    expect(refusal(() => read('DELETE', { body: { word: 'x' } }))).toMatchObject([
      'VALIDATION_FAILED',
      [{ path: ['word'], rule: 'misplaced' }],
    ]);
  });

  it.each([[[]], ['text'], [null], [7], [true]])('wants an object for a body, not %j', (body) => {
    expect(refusal(() => read('POST', { body }))).toMatchObject(['VALIDATION_FAILED', [{ path: [], rule: 'invalid_type' }]]);
  });

  it('keeps a hostile key for the schema to see, and no prototype of it', () => {
    const input = read('POST', { body: JSON.parse('{"__proto__":{"admin":true}}') }) as object;
    expect(Object.keys(input)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  });
});
