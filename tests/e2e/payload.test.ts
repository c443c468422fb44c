import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upload } from '../attachments/files.ts';
import { plainClient } from '../support/clients.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { expectStatus, openGroup, type Person, signUp } from '../support/people.ts';

/** The size of a payload as an operator sets it, on all transports. */

const message = (conversationId: string, bytes: number) => ({ conversationId, clientMessageId: randomUUID(), content: 'x'.repeat(bytes) });

describe.each([
  { name: 'lowered', most: 8_192, taken: 4_900, refused: 8_200, answer: { status: 201 }, acknowledged: { ok: true } },
  // Beyond what a message holds, so that the schema refuses what the transport takes.
  {
    name: 'raised',
    most: 200_000,
    taken: 150_000,
    refused: 200_100,
    answer: { status: 400, body: { code: 'VALIDATION_FAILED' } },
    acknowledged: { ok: false, error: { code: 'VALIDATION_FAILED' } },
  },
])('a payload whose limit is $name', ({ most, taken, refused, answer, acknowledged }) => {
  let app: AppUnderTest;
  let alice: Person;
  let group: string;
  beforeAll(async () => {
    app = await startAppUnderTest({ env: { MAX_PAYLOAD: String(most) } });
    alice = await signUp(app.url);
    ({ id: group } = await openGroup(alice));
  });
  afterAll(() => app.close());
  const tooLarge = { code: 'PAYLOAD_TOO_LARGE', details: { limit: most } };

  it('is refused over HTTP, and said beforehand', async () => {
    const post = (bytes: number) => alice.http.call('POST', `/api/v1/conversations/${group}/messages`, { content: 'x'.repeat(bytes) });
    expect(await post(refused)).toMatchObject({ status: 413, body: tooLarge });
    expect(await post(taken)).toMatchObject(answer);
    expect((await alice.http.call('GET', '/.well-known/coucou')).body.limits).toMatchObject({ payloadBytes: most });
  });

  it.each(['socket.io', 'websocket'] as const)('is refused in the acknowledgement over %s, and the connection lives', async (transport) => {
    const client = alice.socket(transport);
    await client.connect();
    try {
      expect(await client.call('message:send', message(group, refused))).toMatchObject({ ok: false, error: tooLarge });
      expect(await client.call('message:send', message(group, taken))).toMatchObject(acknowledged);
    } finally {
      await client.close();
    }
  });

  it('ends the connection of one who is not signed in', async () => {
    const stranger = plainClient(app.url);
    await stranger.connect();
    stranger.emitRaw('message:send', message(group, refused));
    expect(await stranger.closed).toMatchObject({ code: 1009 });
  });

  it('is none of a file', async () => {
    expectStatus(await upload(alice, 'x'.repeat(refused + 10_000), 'a.txt'), 201);
  });
});
