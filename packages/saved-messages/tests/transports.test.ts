import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dataOf } from '../../../tests/support/clients.ts';
import { overTransports } from '../../../tests/support/over-transports.ts';
import { expectStatus, openGroup } from '../../../tests/support/people.ts';
import * as contracts from '../src/contracts/operations.ts';

/** The operations over each transport, told over the real bus. */

const { people, connected, callerFor } = overTransports('alice', 'bob');

async function post(content: string) {
  const group = await openGroup(people.alice, [people.bob]);
  return expectStatus(await people.alice.http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content }), 201);
}

describe.each(['http', 'socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('a message is saved, listed and removed, and the other devices of the person receive each change', async () => {
    const message = await post('worth keeping');
    const otherDevice = await connected(people.bob, 'websocket');
    const listener = await connected(people.alice, 'websocket');
    const caller = await callerFor(people.bob, transport);
    const input = { messageId: message.id, note: 'read', remindAt: new Date(Date.now() + 3_600_000).toISOString() };
    const saved = dataOf(await caller.call(contracts.saveMessage, input));
    expect(saved).toMatchObject(input);
    const told = () => otherDevice.events.next('user:event', ({ payload }) => payload.messageId === message.id);
    expect(await told()).toMatchObject({ kind: 'saved_message.updated', payload: saved });
    expect(dataOf(await caller.call(contracts.listSavedMessages, {})).items).toEqual([{ ...saved, message }]);
    expect(await caller.call(contracts.removeSavedMessage, { messageId: message.id })).toMatchObject({ ok: true });
    expect(await told()).toMatchObject({ kind: 'saved_message.removed', payload: { messageId: message.id } });
    expect(dataOf(await caller.call(contracts.listSavedMessages, {})).items).toEqual([]);
    expect(await caller.call(contracts.saveMessage, { messageId: randomUUID() })).toMatchObject({
      ok: false,
      error: { code: 'MESSAGE_NOT_FOUND' },
    });
    expect(JSON.stringify(listener.events.all)).not.toContain('saved_message');
  });
});

it('HTTP saves without a body, and again under an idempotency key answers the same', async () => {
  const message = await post('twice');
  const { http } = people.bob;
  const path = `/api/v1/messages/${message.id}/saved`;
  expect(expectStatus(await http.call('PUT', path), 200)).toMatchObject({ messageId: message.id });
  expectStatus(await http.call('DELETE', path), 204);
  const key = { 'idempotency-key': randomUUID() };
  const first = expectStatus(await http.call('PUT', path, { note: 'once' }, key), 200);
  expectStatus(await http.call('DELETE', path), 204);
  expect(expectStatus(await http.call('PUT', path, { note: 'once' }, key), 200)).toEqual(first);
  expect(expectStatus(await http.call('GET', '/api/v1/saved-messages'), 200).items).toEqual([]);
});
