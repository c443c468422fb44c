import { expect, it } from 'vitest';
import { compareClocks, fault, lineOf, ok } from './finding.ts';

const asked = [100_000, 100_400] as const;

it.each([
  [99_500, 'ok', 'agrees with this machine'],
  [100_200, 'ok', 'agrees with this machine'],
  [101_300, 'ok', 'agrees with this machine'],
  [97_900, 'warning', 'is 2.1 s behind this machine'],
  [110_400, 'warning', 'is 10.0 s ahead of this machine'],
  [60_000, 'fault', 'is 40.0 s behind this machine'],
])('a clock that says %i, asked from 100000 to 100400: %s', (said, status, found) => {
  expect(compareClocks('the database', new Date(said), asked)).toMatchObject({ status, found, about: 'clock of the database' });
});

it('is a line for a person, with what to do below it', () => {
  expect(lineOf(ok('Redis', '7.2.4'))).toBe('✔ Redis: 7.2.4');
  expect(lineOf(fault('mail', 'off', 'set SMTP_URL'))).toBe('✘ mail: off\n    set SMTP_URL');
});
