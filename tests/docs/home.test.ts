import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { LOGO } from '@coucou/docs/brand';
import { homePage } from '@coucou/docs/home/page';
import { people, signupOf } from '@coucou/server/demo/people';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { until } from '../support/until.ts';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const inline = (text: string, tag: string) => new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? '';

describe('the page at /', () => {
  const options = { version: '1.2.3', storage: 'an embedded database' };

  it.each(['demo', 'hint', 'none'] as const)('is one file that its policy allows, and nothing else: %s', (variant) => {
    const { text, policy } = homePage(options, variant);
    expect(policy).toContain(`style-src ${hash(inline(text, 'style'))};`);
    const script = variant === 'demo' ? [hash(inline(text, 'script'))] : [];
    expect([...policy.matchAll(/script-src (.+?);/g)].map(([, source]) => source)).toEqual(script);
    expect(text.match(/<script/g) ?? []).toHaveLength(script.length);
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(text).not.toMatch(/ (?:style|on\w+)="/);
    // Relative: the page may be below a path of PUBLIC_URL.
    for (const link of ['docs/api/', 'docs/events', 'docs/guides/', 'docs/errors', 'health/ready', '.well-known/coucou', 'openapi.json'])
      expect(text).toContain(`href="${link}"`);
    expect(text).toContain('1.2.3');
  });

  it('has a script that is well-formed and puts in text as text', () => {
    const script = inline(homePage(options, 'demo').text, 'script');
    expect(() => new Script(`(async () => {${script}})`)).not.toThrow();
    expect(script).not.toMatch(/^(?:import|export) /m);
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});

describe('a server', () => {
  let server: ListeningApp;
  let http: ReturnType<typeof httpClient>;
  beforeAll(async () => {
    server = await startTestApp();
    http = httpClient(server.url);
  });
  afterAll(() => server.close());
  const page = async (headers: Record<string, string> = {}) => (await fetch(`${server.url}/`, { headers })).text();

  it('has no demo without its people, says how to get them, and shows it when they are there', async () => {
    expect(await page()).toMatch(/<code>.*pnpm.* cli seed<\/code>/);
    for (const name of people) expect((await http.call('POST', '/api/v1/auth/signup', signupOf(name))).status).toBe(201);
    expect(await page()).toContain('id="demo"');
  });

  it('shows a request that was forwarded the small page, without what the data is kept in', async () => {
    const text = await page({ 'x-forwarded-for': '192.0.2.1' });
    expect(text).toContain('A chat server');
    expect(text).not.toMatch(/id="demo"|embedded|seed/);
  });

  it('gives the icon, and its health under the short name', async () => {
    const icon = await fetch(`${server.url}/favicon.ico`);
    expect([icon.headers.get('content-type'), icon.headers.get('cache-control'), await icon.text()]).toEqual([
      'image/svg+xml',
      'public, max-age=86400',
      LOGO,
    ]);
    expect((await http.call('GET', '/health')).body).toEqual({ status: 'up' });
  });

  it('says what it is, with addresses where it was asked', async () => {
    const { body, headers } = await http.call('GET', '/.well-known/coucou');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(body).toMatchObject({
      name: 'Coucou',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      protocols: { api: ['v1'], socket: [1] },
      addresses: { api: '/api/v1', socketIo: { path: '/socket.io/' }, webSocket: '/ws', docs: '/docs' },
      signIn: ['password', 'passkey', 'magic_link'],
      features: expect.arrayContaining(['auth', 'messages', 'sync']),
      limits: { payloadBytes: 65_536, messageText: 5_000, messageAttachments: 10, attachmentBytes: 26_214_400, page: 100 },
    });
  });

  it('says where it is reached, when it knows, and what is in force', async () => {
    const behind = await startTestApp({
      env: {
        PUBLIC_URL: 'https://example.com/chat',
        MAX_MESSAGE_TEXT: '280',
        MAX_MESSAGE_DATA: '1024',
        MAX_MESSAGE_ATTACHMENTS: '4',
        MAX_GROUP_SIZE: '50',
        MAX_FRIENDS: '20',
      },
    });
    try {
      const { body } = await httpClient(behind.url).call('GET', '/.well-known/coucou');
      expect(body.addresses).toMatchObject({
        api: 'https://example.com/chat/api/v1',
        socketIo: { url: 'https://example.com', path: '/chat/socket.io/' },
        webSocket: 'wss://example.com/chat/ws',
        docs: 'https://example.com/chat/docs',
      });
      expect(body.limits).toMatchObject({
        messageText: 280,
        messageDataBytes: 1_024,
        messageAttachments: 4,
        groupMembers: 50,
        groupsOwned: 500,
        friends: 20,
      });
    } finally {
      await behind.close();
    }
  });

  it('carries the conversation of the demo', { timeout: 60_000 }, async () => {
    // Without types, as the browser gets them.
    const load = (name: string): Promise<Payload> =>
      import(new URL(`../../packages/infrastructure/docs/src/home/demo/${name}.js`, import.meta.url).href);
    const [{ createChat }, { post, signIn }] = await Promise.all([load('chat'), load('session')]);
    const base = server.url;
    const [alice, bob] = await Promise.all([signIn(base, 'alice'), signIn(base, 'bob')]);
    const { id: conversationId } = await post(`${base}/api/v1/conversations`, { type: 'direct', userId: bob.user.id }, await alice.token());
    const frames: Payload[] = [];
    const on = { change() {}, frame: (_: string, frame: Payload) => void frames.push(frame) };
    const left = createChat({ base, session: alice, conversationId, peer: bob.user, on });
    const right = createChat({ base, session: bob, conversationId, peer: alice.user, on });
    const texts = ({ state }: Payload): string[] =>
      [...state.messages.values()].toSorted((a: Payload, b: Payload) => a.seq - b.seq).map(({ content }: Payload) => content);
    const eventually = (what: string, holds: () => boolean) => until(() => holds() || undefined, { what });

    left.start();
    right.start();
    // The other's presence may be announced before one's own connection is ready, and until then nobody is told of typing.
    await eventually('both to be online', () =>
      [left, right].every(({ state }) => state.status === 'online' && state.presence === 'online'),
    );

    left.typing(true);
    await eventually('bob to see alice type', () => right.state.isPeerTyping);
    left.send('Hello Bob');
    await eventually('bob to have it', () => texts(right).includes('Hello Bob'));
    expect(right.state.isPeerTyping).toBe(false);
    await eventually('alice to see it read', () => left.state.peerMarks.readSeq === 1);

    right.stop();
    await eventually('alice to see bob leave', () => left.state.presence === 'offline');
    left.send('Are you there?');
    left.send('Hello?');
    right.send('Written offline');
    await eventually('alice to have sent', () => left.state.outgoing.size === 0);
    expect(right.state.outgoing.size).toBe(1);
    right.start();
    const all = ['Hello Bob', 'Are you there?', 'Hello?', 'Written offline'];
    await eventually('both to hold the same', () => [left, right].every((chat) => texts(chat).length === all.length));
    expect([texts(left), texts(right)]).toEqual([all, all]);
    expect(right.state.outgoing.size).toBe(0);
    await eventually('bob to have read all', () => left.state.peerMarks.readSeq === 3);
    expect(frames.filter(([name]) => name === 'error')).toEqual([]);

    left.stop();
    right.stop();
  });
});
