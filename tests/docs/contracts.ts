import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Operation } from '@coucou/contracts/kernel/operation';

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'access' in value && 'input' in value && 'errors' in value;

const packages = resolve(import.meta.dirname, '../../packages');

/** Every operation that a contract declares, of the core or of a feature package, bound or not. */
export async function declaredOperations(): Promise<readonly Operation[]> {
  const files = globSync(`${packages}/{contracts/src,*/src/contracts}/**/*.ts`, { exclude: ['**/*.test.ts'] });
  const modules = await Promise.all(files.map((file) => import(file) as Promise<object>));
  return [...new Set(modules.flatMap((module) => Object.values(module)).filter(isOperation))];
}
