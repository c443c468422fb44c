import { expect, it } from 'vitest';
import { createIds } from './ids.ts';

it('makes UUIDv7 that sort in the order they were made', () => {
  const ids = createIds();
  const made = Array.from({ length: 2_000 }, () => ids.next<'message'>());
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(made.length);
  expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
