import { Worker } from 'node:worker_threads';
import { strengthSuggestions, strengthWarnings } from '@coucou/domain/auth/password-strength';
import { Options } from '@zxcvbn-ts/core';
import { afterEach, expect, it, vi } from 'vitest';
import { codeOf, createStrengthEstimator } from './strength-estimator.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const HOME = '192.0.2.1';
const estimator = createStrengthEstimator();
const estimate = (password: string, words: readonly string[] = []) => estimator.estimate(password, words, HOME);

it.each([
  ['password123', 0, 'common'],
  ['qwertyuiop', 0, 'top_hundred'],
  ['aaaaaaaaaaaa', 0, 'simple_repeat'],
  ['correct horse battery staple', 4, undefined],
])('judges %s', async (password, score, warning) => {
  expect(await estimate(password)).toMatchObject({ score, warning });
});

it('says what would help', async () => {
  expect((await estimate('P4ssw0rd!')).suggestions).toEqual(expect.arrayContaining(['another_word', 'l33t']));
});

it('takes the names of whoever chooses it for known', async () => {
  const [known, unknown] = [await estimate('Marguerite-Lafontaine', ['marguerite', 'lafontaine']), await estimate('Marguerite-Lafontaine')];
  expect(known.score).toBeLessThan(unknown.score);
  expect(await estimate('lafontaine', ['lafontaine'])).toMatchObject({ score: 0, warning: 'user_inputs' });
});

it('judges the first 32 code points of what NFKC makes of a password', async () => {
  const beginning = '🦀'.repeat(16) + 'a'.repeat(16);
  expect(await estimate(`${beginning} and the rest of it`)).toEqual(await estimate(beginning));
  expect(await estimate('ｐａｓｓｗｏｒｄ１２３')).toEqual(await estimate('password123'));
});

it('answers whatever a password is made of', async () => {
  for (const odd of ['', ' ', '\u0000', '__proto__', 'constructor', '😀'.repeat(128), '\uD800', '4@8({[<369|1!|0$57+%2'.repeat(6)])
    expect([0, 1, 2, 3, 4]).toContain((await estimate(odd, [odd])).score);
});

it('knows by its own name whatever the library may say', () => {
  const { warnings, suggestions } = new Options().translations;
  // Of passwords that were looked up at a service, which none is.
  const said = (names: object) =>
    new Set(
      Object.keys(names)
        .map(codeOf)
        .filter((code) => code !== 'pwned'),
    );
  expect(new Set(Object.keys(strengthWarnings))).toEqual(said(warnings));
  expect(new Set(Object.keys(strengthSuggestions))).toEqual(said(suggestions));
});

it('lets so many wait, and refuses who comes then', async () => {
  const all = await Promise.allSettled(Array.from({ length: 103 }, () => estimate('correct horse')));
  const refused = all.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: string }).code] : []));
  expect(refused).toEqual(['OVERLOADED', 'OVERLOADED']);
});

it('ends its thread when nobody asks, and begins another for the next question', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate');
  const idle = createStrengthEstimator({ idleMs: 0 });
  for (let times = 1; times <= 2; times += 1) {
    expect((await idle.estimate('password123', [], HOME)).score).toBe(0);
    await vi.waitFor(() => expect(terminate).toHaveBeenCalledTimes(times));
  }
});

it('tells who asked that the thread has failed, and asks another from then on', async () => {
  const failing = createStrengthEstimator();
  await expect(failing.estimate('password123', [null as never], HOME)).rejects.toThrow('null');
  expect((await failing.estimate('password123', [], HOME)).score).toBe(0);
});
