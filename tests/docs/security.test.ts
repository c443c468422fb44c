import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const docs = path.resolve(import.meta.dirname, '../../docs');
const text = readFileSync(path.join(docs, 'security.md'), 'utf8');

/** The requirements of levels 1 and 2 in chapters 6 to 9 of ASVS 5.0. */
const required: Readonly<Record<string, readonly number[]>> = {
  '6.1': [1, 2, 3],
  '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  '6.3': [1, 2, 3],
  '6.4': [1, 2, 3, 4],
  '6.5': [1, 2, 3, 4, 5],
  '6.6': [1, 2, 3],
  '6.8': [1, 2, 3],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.1': [1, 2],
  '8.2': [1, 2, 3],
  '8.3': [1],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
};

it('answers every requirement of the standard, in its order', () => {
  const answered = [...text.matchAll(/^\| (\d\.\d\.\d+) \|/gm)].map(([, id]) => id);
  expect(answered).toEqual(Object.entries(required).flatMap(([section, numbers]) => numbers.map((number) => `${section}.${number}`)));
});

it('refers to files that are there', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((link) => !existsSync(path.join(docs, link)))).toEqual([]);
});

it('names tests that are there, for every attack', () => {
  const section = text.slice(text.indexOf('## Attacks'), text.indexOf('## ASVS'));
  const rows = [...section.matchAll(/^\| (.*?) ?\| \[.+?\]\((.+?)\) \| (.+) \|$/gm)];
  expect(rows.filter(([, attack]) => attack !== '')).toHaveLength(19);
  const lost = rows.filter(([, , file = '', test = '']) => !titles(path.join(docs, file)).includes(test));
  expect(lost.map(([row]) => row)).toEqual([]);
});

/** What the tests of a file are called: the strings before a function, or before the options of a test. */
const titles = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\(\s*(['"`])(.+?)\1,\s*(?:async|\(|\{)/g)].map(([, , title = '']) => title);
