import type { HttpMethod, Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type TextSchema, type UrlValue, urlReaders } from './query-text.ts';

export type ReadInput = (request: Pick<FastifyRequest, 'params' | 'query' | 'body'>) => unknown;

/** Methods without a body. */
const inUrl: ReadonlySet<HttpMethod> = new Set(['GET', 'DELETE']);

const refuse = (key: string, rule: string, message: string) => errors.VALIDATION_FAILED([{ path: [key], rule, message }]);

/**
 * Puts the one input of an operation together: path and query, or path and body. URLs are text, so their values are read by the
 * schema here, in the HTTP adapter; schemas stay strict on every transport. Duplicate and misplaced fields are refused: body fields must
 * not appear in logged URLs.
 */
export function createReadInput(
  { method, body: takesBody }: Readonly<{ method: HttpMethod; body?: true }>,
  input: Operation['input'],
): ReadInput {
  const readers = urlReaders(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as TextSchema);
  const fromUrl = (values: unknown): [string, unknown][] =>
    Object.entries(values as Record<string, UrlValue>).map(([name, value]) => [name, readers.get(name)?.(value) ?? value]);

  const isInUrl = inUrl.has(method) && takesBody !== true;
  return ({ params, query, body = {} }) => {
    const path = fromUrl(params);
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw errors.VALIDATION_FAILED([{ path: [], rule: 'invalid_type', message: 'The body must be a JSON object.' }]);
    const [rest, misplaced] = isInUrl ? [fromUrl(query), Object.keys(body)] : [Object.entries(body), Object.keys(query as object)];
    for (const key of misplaced) throw refuse(key, 'misplaced', `${method} takes this in the ${isInUrl ? 'query' : 'body'}.`);
    const inPath = new Set(path.map(([name]) => name));
    for (const [key] of rest) if (inPath.has(key)) throw refuse(key, 'duplicate', 'This is already given in the path.');
    // Defines every key as an own one, `__proto__` too, where an assignment would set the prototype.
    return Object.fromEntries([...path, ...rest]);
  };
}
