import { describe, expect, it } from 'vitest';
import { ChatError, defineErrors, errors } from './errors.ts';

const table = { NOT_FOUND: ['not_found', 'There is none.'], FULL: ['conflict', 'No room.'] } as const;

describe('defineErrors', () => {
  it('puts the scope before every key', () => {
    const scoped = defineErrors('ROOM', table);
    expect(scoped.NOT_FOUND.code).toBe('ROOM_NOT_FOUND');
    expect(scoped.FULL().code).toBe('ROOM_FULL');
  });

  it('keeps the key as the whole code without a scope', () => {
    expect(defineErrors('', table).FULL().code).toBe('FULL');
  });

  it('makes errors that carry code, kind, sentence, details and cause', () => {
    const cause = new Error('below');
    const error = defineErrors('ROOM', table).FULL({ limit: 3 }, { cause });
    expect(error).toBeInstanceOf(ChatError);
    expect(error).toMatchObject({
      name: 'ChatError',
      code: 'ROOM_FULL',
      kind: 'conflict',
      message: 'No room.',
      details: { limit: 3 },
      cause,
    });
  });

  it('leaves details empty when there are none', () => {
    expect(errors.FORBIDDEN().details).toEqual({});
  });

  it('lets the catalogue be read without throwing anything', () => {
    const { code, kind, sentence } = errors.OVERLOADED;
    expect({ code, kind, sentence }).toEqual({ code: 'OVERLOADED', kind: 'unavailable', sentence: expect.stringMatching(/\.$/) });
  });
});
