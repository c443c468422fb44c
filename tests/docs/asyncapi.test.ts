import { type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import { coreCatalogue } from '../support/coucou.ts';
import { type AsyncApiDocument, asyncApiDocument } from '@coucou/docs/asyncapi';
import { eventsPage } from '@coucou/docs/events-page';
import { Parser } from '@asyncapi/parser';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { declaredOperations } from './contracts.ts';

/** Advice that is not followed: an identifier, which URLs are, and the operator's mail address, which nobody told us. */
const declined = new Set<unknown>(['asyncapi-id', 'asyncapi3-id', 'asyncapi-info-contact-properties', 'asyncapi-latest-version']);
const isFault = ({ severity, code }: { severity: number; code: string | number }): boolean => severity <= 1 && !declined.has(code);

let operations: readonly Operation[];
let document: AsyncApiDocument;

beforeAll(async () => {
  operations = (await declaredOperations()).filter((operation) => socketNames(operation).length > 0);
  document = asyncApiDocument(operations, coreCatalogue.serverEvents, { version: '1.2.3', url: 'https://chat.example.com' });
});

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0', async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));

    expect(diagnostics.filter(isFault)).toEqual([]);
    expect(parsed?.version()).toBe('3.0.0');
    expect(
      parsed
        ?.servers()
        .all()
        .map((server) => server.url()),
    ).toEqual(['wss://chat.example.com/socket.io', 'wss://chat.example.com/ws']);
  });

  it('names the server under the path of its public address', () => {
    const { servers } = asyncApiDocument(operations, [], { version: '1.2.3', url: 'http://example.com:8080/chat/' }) as unknown as {
      servers: object;
    };
    expect(Object.values(servers)).toMatchObject([
      { host: 'example.com:8080', pathname: '/chat/socket.io', protocol: 'ws' },
      { host: 'example.com:8080', pathname: '/chat/ws', protocol: 'ws' },
    ]);
  });

  it('gives every payload a title of its own, which generators make the name of its type', () => {
    const titles = Object.values(document.channels)
      .flatMap(({ messages }) => Object.values(messages))
      .flatMap((message) => ('payload' in message ? [message.payload] : []))
      .filter(({ $ref }) => $ref === undefined)
      .map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(50);
    expect(titles.filter((title) => typeof title !== 'string' || !/^[A-Z]\w+(Call|Ack|Event)$/.test(title))).toEqual([]);
    expect(new Set(titles).size).toBe(titles.length);
    for (const [name, { title }] of Object.entries(document.components.schemas)) expect(title).toBe(name);
  });

  it('describes every operation on the socket with its acknowledgement, and every event', () => {
    expect(operations.length).toBeGreaterThan(0);
    for (const { name } of operations) expect(document.operations[name]).toMatchObject({ action: 'send', reply: {} });
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses).toEqual(expect.arrayContaining(coreCatalogue.serverEvents.map(({ name }) => name)));
    expect(Object.values(document.operations).filter(({ action }) => action === 'receive')).toHaveLength(coreCatalogue.serverEvents.length);
  });

  it('shows calls and events that its own schemas take', () => {
    const shown = (address: string, name: string): unknown => {
      const message = Object.values(document.channels).find((channel) => channel.address === address)?.messages[name];
      return message !== undefined && 'examples' in message ? message.examples[0]?.payload : undefined;
    };

    for (const { name, input, output = z.undefined() } of operations) {
      expect([name, input.safeParse(shown(name, 'call')).error?.issues]).toEqual([name, undefined]);
      const { data } = shown(name, 'ack') as { data?: unknown };
      expect([name, output.safeParse(data).error?.issues]).toEqual([name, undefined]);
    }
    for (const { name, payload } of coreCatalogue.serverEvents)
      expect([name, payload.safeParse(shown(name, 'event')).error?.issues]).toEqual([name, undefined]);
  });

  it('gives an alias a channel of its own, with the messages of the call', () => {
    const aliased = operations.flatMap((operation) =>
      socketNames(operation)
        .slice(1)
        .map((alias) => [operation.name, alias] as const),
    );
    expect(aliased).toContainEqual(['friends.request', 'friend:request']);
    for (const [name, alias] of aliased) {
      const channel = Object.values(document.channels).find(({ address }) => address === alias);
      expect(channel?.messages).toMatchObject({
        call: { $ref: `#/channels/${name}/messages/call` },
        ack: { $ref: `#/channels/${name}/messages/ack` },
      });
    }
  });

  it('answers no token and no secret', () => {
    const named = (message: string) =>
      Object.entries(document.channels).flatMap(([id, { messages }]) =>
        [...JSON.stringify(messages[message] ?? {}).matchAll(/"(\w*(?:token|secret|password|cookie))":/gi)].map(
          ([, field]) => `${id} ${field}`,
        ),
      );
    expect(named('ack')).toEqual([]);
    expect(named('call')).toEqual(expect.arrayContaining(['authenticate token']));
    expect(JSON.stringify(document.components.schemas)).not.toMatch(/"(access|refresh)Token":/);
  });

  it('answers `authenticate` with whose the connection is, and until when', () => {
    const ack = document.channels['authenticate']?.messages['ack'];
    expect(ack).toMatchObject({
      examples: [{ payload: { ok: true, data: { userId: expect.any(String), expiresAt: expect.any(String) } } }],
    });
  });

  it('keeps a name that is both a call and an event in one channel', () => {
    const typing: Operation = {
      name: 'typing.set',
      summary: 'Say so.',
      socket: 'typing',
      access: 'user',
      input: z.strictObject({}),
      errors: [],
    };
    const event = { name: 'typing', summary: 'Someone types.', payload: z.object({ userId: z.string() }) };
    expect(Object.keys(asyncApiDocument([typing], [event], { version: '1' }).channels['typing']?.messages ?? {})).toEqual([
      'call',
      'ack',
      'event',
    ]);
  });
});

describe('the page of events', () => {
  it('names every call and event, and runs only the scripts of its server', () => {
    const page = eventsPage(document, false);
    for (const name of [...operations.flatMap(socketNames), ...coreCatalogue.serverEvents.map((event) => event.name)])
      expect(page).toContain(`<code>${name}</code>`);
    expect(page).not.toMatch(/<script(?! type="module" src="\/docs\/assets\/[a-z]+\.js"><\/script>)|style=|(src|href)="https?:/);
  });

  it('has an anchor for every link into itself', () => {
    const page = eventsPage(document, false);
    const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    expect([...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id).filter((id) => !anchors.has(id))).toEqual([]);
  });

  it('names the errors of each call', () => {
    const page = eventsPage(document, false);
    for (const { name, errors } of operations) {
      const [, section = ''] = page.split(`<h3 id="call-${name}">`);
      for (const code of errors) expect([name, section.split('<h3 ')[0]?.includes(`<code>${code}</code>`)]).toEqual([name, true]);
    }
  });

  it('lists events by name, and calls in the order of the guide', () => {
    const named = (kind: string) =>
      [...eventsPage(document, false).matchAll(new RegExp(`<h3 id="${kind}-([^"]+)"`, 'g'))].map(([, id = '']) => id);
    expect(named('event')).toEqual(named('event').toSorted());
    const features = [...new Set(named('call').map((name) => name.split('.', 1)[0]))];
    expect(features.filter((name) => ['friends', 'conversations', 'messages', 'sync', 'receipts'].includes(name ?? ''))).toEqual([
      'friends',
      'conversations',
      'messages',
      'sync',
      'receipts',
    ]);
  });

  it('says what is inside of a field, and what a field is when it is left out', () => {
    const input = z.strictObject({
      marks: z.array(z.strictObject({ seq: z.int(), note: z.string().optional() })),
      held: z.record(z.uuid(), z.strictObject({ version: z.int() })),
      for: z.enum(['me', 'everyone']).default('everyone'),
    });
    const call: Operation = { name: 'marks.set', summary: 'Says `so`.', access: 'user', input, errors: [] };
    const page = eventsPage(asyncApiDocument([call], [], { version: '1' }), false);
    expect(page).toContain('list of {<code>seq</code>: integer, <code>note?</code>: string}');
    expect(page).toContain('uuid → {<code>version</code>: integer}');
    expect(page).toContain('without it <code>&quot;everyone&quot;</code>');
    expect(page).toContain('Says <code>so</code>.');
  });

  it('shows what a contract says as text', () => {
    const event = { name: 'x', summary: '<img src=x onerror="alert(1)">', payload: z.object({}) };
    expect(eventsPage(asyncApiDocument([], [event], { version: '1' }), false)).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  });
});
