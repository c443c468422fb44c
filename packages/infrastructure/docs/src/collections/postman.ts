import type { OpenApiDocument } from '../openapi.ts';
import { foldersOf, type ReadyRequest, variables } from './ready-requests.ts';

const script = (keeps: ReadyRequest['keeps']): readonly string[] => [
  'const answer = pm.response.json();',
  ...Object.entries(keeps).map(([variable, path]) => {
    const value = `answer.${path.replaceAll('.', '?.')}`;
    return `if (${value}) pm.collectionVariables.set(${JSON.stringify(variable)}, ${value});`;
  }),
];

const item = ({ name, summary, description, method, path, pathValues, query, token, body, keeps }: ReadyRequest) => ({
  name,
  ...(Object.keys(keeps).length > 0 && { event: [{ listen: 'test', script: { type: 'text/javascript', exec: script(keeps) } }] }),
  request: {
    method,
    description: `${summary} ${description}`.trim(),
    auth: token === undefined ? { type: 'noauth' } : { type: 'bearer', bearer: [{ key: 'token', value: `{{${token}}}`, type: 'string' }] },
    header: [
      ...(token === undefined ? [{ key: 'X-Client-Key', value: '{{clientKey}}' }] : []),
      ...(body === undefined ? [] : [{ key: 'Content-Type', value: 'application/json' }]),
    ],
    ...(body !== undefined && { body: { mode: 'raw', raw: body, options: { raw: { language: 'json' } } } }),
    url: {
      raw: `{{baseUrl}}${path}`,
      host: ['{{baseUrl}}'],
      path: path.slice(1).split('/'),
      variable: pathValues.map((each) => ({ key: each.name, value: each.value, description: each.description })),
      // What may be left out is there to be switched on.
      query: query.map((each) => ({ key: each.name, value: each.value, description: each.description, disabled: !each.required })),
    },
  },
});

/** The operations as a collection of Postman, format 2.1. */
export const postmanCollection = (document: OpenApiDocument) => ({
  info: {
    name: `Coucou ${document.info.version}`,
    description: `${document.info.description}\n\nBegin with auth.signup or auth.login: their answers fill in the tokens.`,
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  variable: Object.entries(variables).map(([key, value]) => ({ key, value, type: 'string' })),
  item: foldersOf(document).map(({ name, description, requests }) => ({ name, description, item: requests.map(item) })),
});
