import type { AppendResult } from '@coucou/application/ports/message-log';
import { createGroup, createPeople } from '../support/fixtures.ts';
import type { TestStorage } from './test-storage.ts';

export const statuses = (results: readonly AppendResult[]) => results.map((result) => result.status);

/** Alice's group with Bob and Carol in an account of their own. */
export async function groupIn(storage: TestStorage) {
  const people = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
  const { account: accountId, alice: senderId } = people;
  const conversationId = await createGroup(storage.uow, accountId, [senderId, people.bob, people.carol]);
  const stored = () =>
    storage.ask<{ seq: number; version: number; id: string; created_at: Date }>(
      'coucou_app',
      accountId,
      'select seq, version, id, created_at from message where conversation_id = $1 order by seq',
      [conversationId],
    );
  return { ...people, accountId, conversationId, from: { accountId, conversationId, senderId }, stored };
}
