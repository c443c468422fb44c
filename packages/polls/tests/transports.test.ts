import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dataOf } from '../../../tests/support/clients.ts';
import { overTransports } from '../../../tests/support/over-transports.ts';
import { openGroup } from '../../../tests/support/people.ts';
import * as contracts from '../src/contracts/operations.ts';

/** The operations over each transport, told over the real bus. */

const { people, connected, callerFor } = overTransports('alice', 'bob');

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
