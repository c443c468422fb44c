import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { commonErrors, type Operation, userErrors } from '@coucou/contracts/kernel/operation';
import { describe, expect, it } from 'vitest';
import { coreCatalogue } from '../support/coucou.ts';
import { httpStatus } from '@coucou/application/kernel/error-body';

const packages = resolve(import.meta.dirname, '../../packages');

/** Everything that the files of one room export, in the core and in feature packages. */
async function exportsOf(room: string): Promise<unknown[]> {
  const files = globSync(`${packages}/{${room}/src,*/src/${room}}/**/*.ts`, { exclude: ['**/*.test.ts'] });
  const modules = await Promise.all(files.map((file) => import(file) as Promise<object>));
  return modules.flatMap((module) => Object.values(module));
}

const isTable = (value: unknown): value is Record<string, { code: string }> =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).length > 0 &&
  Object.values(value).every((entry) => typeof entry === 'function' && 'code' in entry && 'sentence' in entry);

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'access' in value && 'input' in value;

const known = new Set(coreCatalogue.errors.map(({ code }) => code));

describe('the error catalogue', () => {
  it('holds every error that the domain declares', async () => {
    const declared = (await exportsOf('domain')).filter(isTable).flatMap((table) => Object.values(table).map(({ code }) => code));

    expect(declared.length).toBeGreaterThan(20);
    expect(declared.filter((code) => !known.has(code))).toEqual([]);
  });

  it('holds every error that an operation declares', async () => {
    const operations = (await exportsOf('contracts')).filter(isOperation);

    expect(operations.length).toBeGreaterThan(10);
    expect(operations.flatMap(({ name, errors }) => errors.filter((code) => !known.has(code)).map((code) => `${name}: ${code}`))).toEqual(
      [],
    );
    expect([...commonErrors, ...userErrors].filter((code) => !known.has(code))).toEqual([]);
  });

  it('gives every error a status and a sentence', () => {
    for (const { kind, sentence } of coreCatalogue.errors) {
      expect(httpStatus[kind]).toBeGreaterThanOrEqual(400);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
  });
});
