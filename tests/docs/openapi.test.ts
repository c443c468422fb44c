import type { Operation } from '@coucou/contracts/kernel/operation';
import { type OpenApiDocument, openApiDocument } from '@coucou/docs/openapi';
import { coreCatalogue } from '../support/coucou.ts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { declaredOperations } from './contracts.ts';

/** The parts of a described operation that are looked at here. */
type Described = {
  operationId: string;
  description?: string;
  security: object[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: { 'application/json': { schema: object; examples?: Record<string, { value: object }> } } };
  responses: Record<string, { $ref?: string; content?: Record<string, { examples?: Record<string, { value: unknown }> }> }>;
};

type Part = Readonly<Record<string, unknown>>;

/** Every object of a document, at any depth; examples are no part of it. */
function partsOf(value: unknown): Part[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(partsOf);
  const inner = Object.entries(value).filter(([key]) => key !== 'examples' && key !== 'example');
  return [value as Part, ...inner.flatMap(([, part]) => partsOf(part))];
}

const hasHttp = ({ http }: Operation): boolean => http !== undefined;
const info = { version: '1.2.3' };
let operations: readonly Operation[];
let document: OpenApiDocument;

const described = (name: string): Described => {
  const found = Object.values(document.paths)
    .flatMap((path) => Object.values(path) as Described[])
    .find(({ operationId }) => operationId === name);
  if (found === undefined) throw new Error(`${name} is not described.`);
  return found;
};

beforeAll(async () => {
  operations = await declaredOperations();
  document = openApiDocument(operations, coreCatalogue.errors, info);
});

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as Record<string, unknown>);

    expect(result.errors ?? []).toEqual([]);
    expect(validator.version).toBe('3.1');
  });

  it('describes every operation that HTTP carries', () => {
    const names = Object.values(document.paths).flatMap((path) =>
      (Object.values(path) as Described[]).map(({ operationId }) => operationId),
    );

    expect(operations.filter(hasHttp).length).toBeGreaterThan(10);
    // The paths of the server itself are no operations.
    const isOperation = (name: string) => !name.startsWith('system.') || operations.some((operation) => operation.name === name);
    expect(names.filter(isOperation).toSorted()).toEqual(
      operations
        .filter(hasHttp)
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('says what linters and generators ask for', () => {
    const schemas = partsOf(document).filter((part) => 'type' in part || 'pattern' in part);
    expect(schemas.filter(({ type, items }) => type === 'array' && items === undefined)).toEqual([]);
    // Without the flag that Unicode's classes need, as most tools compile them.
    const misfits = schemas.filter(
      ({ pattern, examples = [] }) =>
        typeof pattern === 'string' &&
        (/\\p\{/.test(pattern) || !(examples as string[]).every((example) => new RegExp(pattern).test(example))),
    );
    expect(misfits).toEqual([]);

    const text = JSON.stringify(document);
    const unused = Object.keys(document.components.schemas).filter((name) => !text.includes(`"#/components/schemas/${name}"`));
    expect(unused).toEqual([]);

    const tags = document['tags'] as readonly { name: string; description?: string }[];
    expect(tags.filter(({ description }) => description === undefined || description.startsWith('The operations of'))).toEqual([]);
    for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path) as Described[])) {
      expect([operation.operationId, Object.keys(operation.responses).some((status) => status.startsWith('4'))]).toEqual([
        operation.operationId,
        true,
      ]);
      expect([operation.operationId, operation.description]).toEqual([operation.operationId, expect.stringMatching(/\.$/)]);
    }
  });

  it('has no reference that points nowhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer = '']) => pointer);
    const follow = (pointer: string): unknown =>
      pointer.split('/').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);

    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((pointer) => follow(pointer) === undefined)).toEqual([]);
  });

  it('shows bodies that its own schemas take', () => {
    const notIds: Readonly<Record<string, string>> = { kind: 'magicLink', locale: 'fr', name: 'party-parrot' };
    // A signed body is an input as text, whose schema is that of the service that signs it.
    for (const operation of operations.filter(hasHttp).filter(({ http }) => http?.signed === undefined)) {
      const examples = Object.values(described(operation.name).requestBody?.content['application/json']?.examples ?? {});
      const inPath = [...(operation.http?.path ?? '').matchAll(/:(\w+)/g)].map(([, name = '']) => [
        name,
        notIds[name] ?? '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
      ]);
      for (const { value } of examples)
        expect([operation.name, operation.input.safeParse({ ...Object.fromEntries(inPath), ...value }).error?.issues]).toEqual([
          operation.name,
          undefined,
        ]);
    }
  });

  it('has an example for every body', () => {
    const bare = operations.filter(hasHttp).filter(({ name }) => {
      const body = described(name).requestBody?.content['application/json'];
      return body !== undefined && Object.keys(body.examples ?? {}).length === 0;
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('shows answers that its own schemas take', () => {
    for (const { name, http, output } of operations.filter(hasHttp)) {
      if (http === undefined || output === undefined) continue;
      const shown = described(name).responses[http.status]?.content?.['application/json']?.examples?.['example']?.value;
      expect([name, output.safeParse(shown).error?.issues]).toEqual([name, undefined]);
    }
  });

  it('shows values that could be true: no name of a field, no last page with a next one, nothing deleted that still says something', () => {
    const shown: unknown[] = operations.filter(hasHttp).flatMap(({ name }) => {
      const { requestBody, responses } = described(name);
      const contents = [requestBody, ...Object.values(responses)].map((each) => each?.content?.['application/json']?.examples ?? {});
      return contents.flatMap((examples) => Object.values(examples).map((example) => 'value' in example && example.value));
    });
    const faults = (value: unknown, key = ''): string[] => {
      if (Array.isArray(value)) return value.flatMap((item) => faults(item, key));
      if (typeof value !== 'object' || value === null) return value === key ? [key] : [];
      if ('content' in value && 'deletedAt' in value) return ['deletedAt'];
      return Object.entries(value).flatMap(([name, child]) => (name === 'nextCursor' && child !== null ? [name] : faults(child, name)));
    };
    expect([...new Set(shown.flatMap((value) => faults(value)))]).toEqual([]);
  });

  it('puts an input where HTTP carries it', () => {
    expect(described('messages.list').parameters?.map((parameter) => [parameter.name, parameter.in, parameter.required])).toEqual(
      expect.arrayContaining([
        ['conversationId', 'path', true],
        ['limit', 'query', false],
      ]),
    );
    expect(described('messages.list').requestBody).toBeUndefined();
    expect(JSON.stringify(described('messages.send').requestBody)).not.toContain('conversationId');
  });

  it('tells the errors of an operation by status, with an example of each', () => {
    const { responses } = described('members.add');
    expect(responses['404']?.$ref).toContain('CONVERSATION_NOT_FOUND.USER_NOT_FOUND');
    expect(responses['409']?.$ref).toContain('ALREADY_MEMBER');
    expect(Object.keys(described('auth.me').responses)).not.toContain('415');
    expect(JSON.stringify(document.components['examples'])).toContain('"code":"ALREADY_MEMBER"');
  });

  it('wants a token where the operation does', () => {
    expect(described('auth.me').security).toEqual([{ bearer: [] }, { dpop: [] }]);
    expect(described('auth.login').security).toEqual([{}, { clientKey: [] }]);
  });

  it('says who administers: people by a token, servers by an API key with the scope, the operator by the system key', () => {
    const administer = (access: Operation['access'], scope?: string): Operation => ({
      name: 'things.administer',
      summary: '',
      http: { method: 'GET', path: '/admin/things', status: 204 },
      access,
      ...(scope !== undefined && { scope }),
      input: z.strictObject({}),
      errors: [],
    });
    const describing = (operation: Operation) =>
      openApiDocument([operation], coreCatalogue.errors, info).paths['/api/v1/admin/things']?.['get'] as Described &
        Readonly<{ description: string }>;
    expect(describing(administer('admin', 'things:read')).security).toEqual([{ bearer: [] }, { dpop: [] }, { apiKey: ['things:read'] }]);
    expect(describing(administer('admin', 'things:read')).description).toContain('`things:read`');
    expect(describing(administer('admin')).security).toEqual([{ bearer: [] }, { dpop: [] }]);
    expect(describing(administer('system')).security).toEqual([{ systemKey: [] }]);
  });

  it('refuses an operation whose error nobody declared', () => {
    const stray: Operation = {
      name: 'x.y',
      summary: '',
      http: { method: 'GET', path: '/x', status: 200 },
      access: 'user',
      input: z.strictObject({}),
      errors: ['NO_SUCH_CODE'],
    };
    expect(() => openApiDocument([stray], coreCatalogue.errors, info)).toThrow('x.y can answer NO_SUCH_CODE');
  });

  it('gives a type that reads otherwise than it answers two names, and all others one', () => {
    const Size = z.object({ width: z.int().default(1) }).meta({ id: 'Size' });
    const Colour = z.object({ hue: z.int() }).meta({ id: 'Colour' });
    const Shape = z.object({ size: Size, colour: Colour }).meta({ id: 'Shape' });
    const make: Operation = {
      name: 'shapes.make',
      summary: '',
      http: { method: 'POST', path: '/shapes', status: 201 },
      access: 'user',
      input: z.strictObject({ shape: Shape }),
      output: Shape,
      errors: [],
    };
    const { components } = openApiDocument([make], coreCatalogue.errors, info);
    expect(Object.keys(components.schemas)).toEqual(['Colour', 'Error', 'Shape', 'ShapeInput', 'Size', 'SizeInput']);
    expect(JSON.stringify(components.schemas['ShapeInput'])).toContain('#/components/schemas/SizeInput');
  });
});
