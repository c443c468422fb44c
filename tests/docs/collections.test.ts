import { brunoCollection } from '@coucou/docs/collections/bruno';
import { postmanCollection } from '@coucou/docs/collections/postman';
import { type OpenApiDocument, openApiDocument } from '@coucou/docs/openapi';
// @ts-expect-error -- has no types
import * as bruno from '@usebruno/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coreCatalogue } from '../support/coucou.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { signUp } from '../support/people.ts';
import { declaredOperations } from './contracts.ts';

let document: OpenApiDocument;
let app: ListeningApp;
let database: Awaited<ReturnType<typeof createDatabase>>;
beforeAll(async () => {
  document = openApiDocument(await declaredOperations(), coreCatalogue.errors, { version: '1.2.3' });
  database = await createDatabase();
  app = await startTestApp({ database });
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

const schemaOfBruno = (bruno as { collectionSchema: { validate(collection: object): Promise<unknown> } }).collectionSchema;
const described = () => Object.values(document.paths).flatMap((methods) => Object.keys(methods)).length;

type Item = ReturnType<typeof postmanCollection>['item'][number]['item'][number];

/** What a client for requests does with one: fills in the variables, sends it, and keeps what its script says. */
function openClient(values: Readonly<Record<string, string>>) {
  const collection = postmanCollection(document);
  const items = collection.item.flatMap(({ item }) => item);
  const kept = new Map(collection.variable.map(({ key, value }) => [key, values[key] ?? value]));
  const fill = (text: string): string =>
    text.replaceAll('{{$randomUUID}}', () => crypto.randomUUID()).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => kept.get(name) ?? '');

  async function send({ request: { method, url, header, auth, body }, event = [] }: Item) {
    const inPath = new Map(url.variable.map(({ key, value }) => [key, value]));
    const path = url.path.map((part) => encodeURIComponent(fill(part.startsWith(':') ? (inPath.get(part.slice(1)) ?? '') : part)));
    const query = url.query.filter(({ disabled }) => !disabled).map(({ key, value }): [string, string] => [key, fill(value)]);
    const token = auth.bearer?.[0]?.value;
    const answer = await fetch(`${fill('{{baseUrl}}')}/${path.join('/')}?${new URLSearchParams(query)}`, {
      method,
      redirect: 'manual',
      headers: {
        ...Object.fromEntries(header.map(({ key, value }) => [key, fill(value)])),
        ...(token !== undefined && { authorization: fill(`Bearer ${token}`) }),
      },
      ...(body !== undefined && { body: fill(body.raw) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    const set = (name: string, value: string) => kept.set(name, value);
    for (const { script } of event) {
      // oxlint-disable-next-line typescript/no-implied-eval -- the script of the collection, as its client runs it
      new Function('pm', script.exec.join('\n'))({ response: { json: () => json }, collectionVariables: { set } });
    }
    return { status: answer.status, code: json['code'] };
  }

  const named = (name: string): Item => {
    const found = items.find((item) => item.name === name);
    if (found === undefined) throw new Error(`there is no request ${name}`);
    return found;
  };
  return { kept, items, named, send };
}

describe('the collection for Bruno', () => {
  it('has every operation, in the form that Bruno imports', async () => {
    const collection = brunoCollection(document);
    await expect(schemaOfBruno.validate(collection)).resolves.toBeDefined();
    expect(collection.items.flatMap(({ items }) => items)).toHaveLength(described());
  });
});

describe('the collection for Postman', () => {
  it('has every operation', () => {
    expect(openClient({}).items).toHaveLength(described());
  });

  it('holds requests that can be sent one after the other', async () => {
    const { kept, named, send } = openClient({ baseUrl: app.url });
    const sent = [];
    for (const name of ['auth.signup', 'auth.refresh', 'conversations.create', 'messages.send', 'messages.get']) {
      if (name === 'conversations.create') kept.set('userId', (await signUp(app.url, 'bob')).id);
      sent.push([name, (await send(named(name))).status]);
    }
    expect(sent).toEqual([
      ['auth.signup', 201],
      ['auth.refresh', 200],
      ['conversations.create', 201],
      ['messages.send', 201],
      ['messages.get', 200],
    ]);
    expect([...kept].filter(([, value]) => value === '').map(([name]) => name)).toEqual(['apiKey', 'systemKey']);
  });

  it('asks nothing that is refused for its form', async () => {
    const { accessToken, id: userId } = await signUp(app.url, 'carol');
    const [conversationId, messageId] = [userId, userId];
    const { items, send } = openClient({ baseUrl: app.url, accessToken, userId, conversationId, messageId });
    const refused: unknown[] = [];
    for (const item of items.filter(({ request, name }) => request.method === 'GET' && !name.startsWith('system.'))) {
      const { status, code } = await send(item);
      if (status >= 500 || code === 'VALIDATION_FAILED' || code === 'OPERATION_UNKNOWN') refused.push([item.name, status, code]);
    }
    expect(refused).toEqual([]);
  });
});
