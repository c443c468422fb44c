import { createHash } from 'node:crypto';
import type { OpenApiDocument } from '../openapi.ts';
import { foldersOf, type ReadyRequest, variables } from './ready-requests.ts';

/** 21 letters and digits, the same for the same thing. */
const uid = (...of: readonly string[]): string => createHash('sha256').update(of.join('\n')).digest('hex').slice(0, 21);

const script = (keeps: ReadyRequest['keeps']): string | null =>
  Object.keys(keeps).length === 0
    ? null
    : Object.entries(keeps)
        .map(([variable, path]) => {
          const value = `res.body.${path.replaceAll('.', '?.')}`;
          return `if (${value}) bru.setEnvVar(${JSON.stringify(variable)}, ${value});`;
        })
        .join('\n');

const item = ({ name, summary, description, method, path, pathValues, query, token, body, keeps }: ReadyRequest, at: number) => ({
  uid: uid(name),
  type: 'http-request',
  name,
  seq: at + 1,
  request: {
    url: `{{baseUrl}}${path}`,
    method,
    headers:
      token === undefined
        ? [{ uid: uid(name, 'X-Client-Key'), name: 'X-Client-Key', value: '{{clientKey}}', description: null, enabled: true }]
        : [],
    params: [
      ...pathValues.map((each) => ({ uid: uid(name, 'path', each.name), ...each, type: 'path', enabled: true })),
      ...query.map(({ required, ...each }) => ({ uid: uid(name, 'query', each.name), ...each, type: 'query', enabled: required })),
    ],
    auth: token === undefined ? { mode: 'none' } : { mode: 'bearer', bearer: { token: `{{${token}}}` } },
    body: body === undefined ? { mode: 'none' } : { mode: 'json', json: body },
    script: { req: null, res: script(keeps) },
    docs: `${summary} ${description}`.trim(),
  },
});

/** The operations as a collection of Bruno, in the format in which it exports and imports them. */
export const brunoCollection = (document: OpenApiDocument) => ({
  version: '1',
  uid: uid('collection'),
  name: `Coucou ${document.info.version}`,
  items: foldersOf(document).map(({ name, description, requests }, at) => ({
    uid: uid('folder', name),
    type: 'folder',
    name,
    seq: at + 1,
    root: { docs: description },
    items: requests.map(item),
  })),
  activeEnvironmentUid: uid('environment'),
  environments: [
    {
      uid: uid('environment'),
      name: 'local',
      variables: Object.entries(variables).map(([name, value]) => ({
        uid: uid('variable', name),
        name,
        value,
        type: 'text',
        enabled: true,
        secret: /Token|Key$/.test(name) && name !== 'clientKey',
      })),
    },
  ],
});
