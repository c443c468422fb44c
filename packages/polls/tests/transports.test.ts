import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, overHttp, overSocket } from '../../../tests/support/callers.ts';
import { dataOf, type SocketClient, type Transport } from '../../../tests/support/clients.ts';
import { createDatabase, hasPostgres } from '../../../tests/support/database.ts';
import { type ListeningApp, startTestApp } from '../../../tests/support/listening-app.ts';
import { openGroup, type Person, signUpAll } from '../../../tests/support/people.ts';
import * as contracts from '../src/contracts/operations.ts';

/** The operations over each transport, told over the real bus. */

let app: ListeningApp;
let database: Awaited<ReturnType<typeof createDatabase>> | undefined;
let people: Record<'alice' | 'bob', Person>;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  database = hasPostgres() ? await createDatabase() : undefined;
  app = await startTestApp(database && { database });
  people = await signUpAll(app.url, 'alice', 'bob');
});
afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await app?.close();
  await database?.drop();
});

async function connected(person: Person, transport: SocketClient['transport']): Promise<SocketClient> {
  const socket = person.socket(transport);
  sockets.push(socket);
  await socket.connect();
  return socket;
}
const callerFor = async (person: Person, transport: Transport): Promise<Caller> =>
  transport === 'http' ? overHttp(person.http) : overSocket(await connected(person, transport));

describe.each(['http', 'socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('a poll is posted, voted in, closed, and every change of it told', async () => {
    const { alice, bob } = people;
    const group = await openGroup(alice, [bob]);
    const listener = await connected(bob, 'websocket');
    const caller = await callerFor(alice, transport);
    const input = { conversationId: group.id, clientMessageId: randomUUID(), question: 'Where?', options: ['here', 'there'] };
    const message = dataOf(await caller.call(contracts.createPoll, input));
    expect(dataOf(await caller.call(contracts.createPoll, input))).toEqual(message);
    expect((await listener.events.next('message:new', ({ message: { id } }) => id === message.id)).message).toEqual(message);

    const pollId: string = message.id;
    const told = () => listener.events.next('message:updated', ({ conversationId }) => conversationId === group.id);
    const voted = dataOf(await caller.call(contracts.votePoll, { pollId, optionIds: ['2'] }));
    expect(await told()).toMatchObject({ version: voted.version, message: { id: pollId, poll: voted.poll } });
    expect(dataOf(await caller.call(contracts.getPoll, { pollId }))).toEqual(voted);
    expect(dataOf(await caller.call(contracts.listVoters, { pollId, optionId: '2' }))).toEqual({
      items: [{ userId: alice.id }],
      nextCursor: null,
    });
    const closed = dataOf(await caller.call(contracts.closePoll, { pollId }));
    expect(await told()).toMatchObject({ version: closed.version, message: { poll: { closed: true, options: voted.poll.options } } });
    expect(await caller.call(contracts.votePoll, { pollId, optionIds: [] })).toMatchObject({ ok: false, error: { code: 'POLL_CLOSED' } });
  });
});

it('HTTP answers 201 for a poll that is new, and 200 for one that was there already', async () => {
  const { alice } = people;
  const group = await openGroup(alice);
  const body = { clientMessageId: randomUUID(), question: 'Where?', options: ['here', 'there'] };
  const post = () => alice.http.call('POST', `/api/v1/conversations/${group.id}/polls`, body);
  expect([(await post()).status, (await post()).status]).toEqual([201, 200]);
});
