import type { JsonSchema } from './json-schema.ts';
import type { OpenApiDocument } from './openapi.ts';

/** The parts of a described operation that documents show. */
export type Described = Readonly<{
  operationId: string;
  tags: readonly string[];
  summary: string;
  description: string;
  security: readonly Readonly<Record<string, unknown>>[];
  parameters?: readonly (Parameter | Readonly<{ $ref: string }>)[];
  requestBody?: Readonly<{ content: Readonly<Record<string, Content>> }>;
  responses: Readonly<Record<string, Response>>;
}>;
export type Parameter = Readonly<{
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}>;
export type Content = Readonly<{ schema: JsonSchema; examples?: Readonly<Record<string, Readonly<{ value?: unknown }>>> }>;
export type Response = Readonly<{ $ref?: string; description?: string; content?: Readonly<Record<string, Content>> }>;

/** An operation at its place; the parameters that operations share are among its own. */
export type Request = Readonly<{ method: string; path: string; operation: Described; parameters: readonly Parameter[] }>;

/** The codes of a response that several errors share are in its name: `Error404.CONVERSATION_NOT_FOUND.USER_NOT_FOUND`. */
export const errorCodesOf = ({ $ref }: Response): readonly string[] => $ref?.replace(/^.*\//, '').split('.').slice(1) ?? [];

const methodsInOrder = ['get', 'post', 'put', 'patch', 'delete'];

/** All operations, by path and method. */
export const requestsOf = ({ paths, components }: OpenApiDocument): readonly Request[] => {
  const shared = components['parameters'] as Readonly<Record<string, Parameter>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .toSorted(([a], [b]) => methodsInOrder.indexOf(a) - methodsInOrder.indexOf(b))
      .map(([method, described]) => {
        const operation = described as Described;
        const parameters = (operation.parameters ?? []).flatMap((each) =>
          '$ref' in each ? (shared[each.$ref.replace(/^.*\//, '')] ?? []) : each,
        );
        return { method, path, operation, parameters };
      }),
  );
};
