import type { AsyncApiDocument } from '@coucou/docs/asyncapi';
import type { OpenApiDocument } from '@coucou/docs/openapi';
import { errorCodesOf, type Request, requestsOf } from '@coucou/docs/requests';
import type { Tag } from '@coucou/docs/tags';

/** A page of the site; `path` is below its root and ends in `.md`. */
export type Page = Readonly<{ path: string; title: string; text: string }>;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const fence = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

function typeOf(schema: Request['parameters'][number]['schema']): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map(typeOf).join(' or ');
  return [schema.type ?? 'any'].flat().join(' or ') + (schema.format === undefined ? '' : `, ${schema.format}`);
}

function section(request: Request): string {
  const { method, path, operation, parameters } = request;
  const shown = parameters.filter(({ in: place }) => place !== 'header');
  const [input] = Object.values(operation.requestBody?.content['application/json']?.examples ?? {});
  const [status, answer] = Object.entries(operation.responses).find(([code]) => code < '300') ?? [];
  const [output] = Object.values(answer?.content?.['application/json']?.examples ?? {});
  const codes = Object.values(operation.responses).flatMap(errorCodesOf);
  return [
    `## ${operation.operationId}`,
    `${operation.summary} ${operation.description ?? ''}`.trim(),
    `\`\`\`http\n${method.toUpperCase()} ${path}\n\`\`\``,
    ...(shown.length === 0
      ? []
      : [
          [
            '| parameter | in | is | |',
            '|---|---|---|---|',
            ...shown.map(({ name, in: place, required, schema, description = '' }) =>
              [`| \`${name}\``, place, cell(typeOf(schema)), `${cell(description)}${required ? '' : ' (optional)'} |`].join(' | '),
            ),
          ].join('\n'),
        ]),
    ...(input === undefined ? [] : ['Body, for example:', fence(input.value)]),
    ...(output === undefined ? [] : [`Answer, ${status}, for example:`, fence(output.value)]),
    ...(codes.length === 0 ? [] : [`Errors: ${codes.map((code) => `\`${code}\``).join(', ')}.`]),
  ].join('\n\n');
}

/** One page for each tag of the document. */
export function referencePages(document: OpenApiDocument): readonly Page[] {
  const byTag = Map.groupBy(requestsOf(document), ({ operation }) => operation.tags[0] ?? '');
  return (document['tags'] as readonly Tag[]).flatMap(({ name, description }) => {
    const requests = byTag.get(name) ?? [];
    if (requests.length === 0) return [];
    return { path: `reference/${name}.md`, title: name, text: [`# ${name}`, description, ...requests.map(section)].join('\n\n') };
  });
}

/** What the server sends to sockets, as one page. */
export function eventsPage({ channels }: AsyncApiDocument): Page {
  const events = Object.values(channels).flatMap(({ messages: { event } }) => (event === undefined || '$ref' in event ? [] : event));
  const shown = events.map(({ name, summary, examples: [example] }) =>
    [`## ${name}`, summary, ...(example ? [fence(example.payload)] : [])].join('\n\n'),
  );
  const lead =
    'What the server sends to the sockets of everyone concerned, over Socket.IO and plain WebSocket alike. Calls have the names and the inputs of the operations; the whole is in [asyncapi.json](/asyncapi.json).';
  return { path: 'reference/events.md', title: 'Socket events', text: ['# Socket events', lead, ...shown].join('\n\n') };
}
