import { Attachment } from '@coucou/domain/attachments/attachment';
import { Succession } from '@coucou/domain/conversations/succession';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Erasure } from '@coucou/domain/privacy/erasure';
import type { FriendRequest } from '@coucou/domain/friends/friend-request';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts } from '../audit/record-audit.ts';
import { conversationDeleted, conversationUpdated, memberLeft, memberUpdated } from '../conversations/conversation-events.ts';
import { Conversations } from '../conversations/repositories.ts';
import { feedEntries, requestClosed } from '../friends/close-request.ts';
import { endFriendship } from '../friends/remove-friend.ts';
import { FriendRequests, Friendships } from '../friends/repositories.ts';
import type { Ports } from '../kernel/token.ts';
import { FileStore } from '../ports/file-store.ts';
import { RunningUploads } from '../ports/running-uploads.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations } from '../users/repositories.ts';
import { Erasures, PersonalRows, Persons } from './repositories.ts';

const repositories = {
  auditLog: AuditLog,
  erasures: Erasures,
  persons: Persons,
  rows: PersonalRows,
  conversations: Conversations,
  relations: UserRelations,
  friendships: Friendships,
  friendRequests: FriendRequests,
};
type Tx = Writing<Ports<typeof repositories>>;

export const erasurePorts = { uow: unitOfWork(repositories), files: FileStore, running: RunningUploads, ...auditPorts };
export type ErasurePorts = Ports<typeof erasurePorts>;

type Of = Pick<Erasure, 'accountId' | 'userId'>;

/** One batch of a step: how much of it was there and is gone; 0 when nothing is left. Any of it may run twice. */
export type ErasureStep = Readonly<{ name: string; run: (ports: ErasurePorts, of: Of) => Promise<number> }>;

const BATCH = 200;

/** A list of ids, each in a transaction of its own. */
const each =
  <Id>(list: (tx: Tx, person: UserId) => Promise<readonly Id[]>, work: (ports: ErasurePorts, tx: Tx, of: Of, id: Id) => Promise<void>) =>
  async (ports: ErasurePorts, of: Of): Promise<number> => {
    const ids = await ports.uow.write(of.accountId, (tx) => list(tx, of.userId));
    for (const id of ids) await ports.uow.write(of.accountId, (tx) => work(ports, tx, of, id));
    return ids.length;
  };

async function leave({ clock }: ErasurePorts, tx: Tx, { userId }: Of, id: ConversationId): Promise<void> {
  const conversation = await tx.conversations.lock(id);
  const [member] = conversation === undefined ? [] : await tx.conversations.members(id, [userId]);
  if (conversation === undefined || member === undefined || member.leftAt !== undefined) return;
  const owners = await tx.conversations.countOwners(id);
  const succession = Succession.succeed(conversation, member, owners, await tx.persons.heir(id, userId), clock.now());
  if ('closed' in succession) {
    const userIds = await tx.conversations.close(succession.closed, clock.now());
    tx.emit(conversationDeleted({ conversation: succession.closed, userIds }));
    return;
  }
  const { promotion, departure } = succession;
  if (promotion !== undefined) {
    await tx.conversations.updateMembers(promotion);
    tx.emit(...promotion.members.map((heir) => memberUpdated({ conversation: promotion.conversation, member: heir })));
  }
  await tx.conversations.depart(departure);
  tx.emit(memberLeft({ ...departure }));
}

async function unassign(_ports: ErasurePorts, tx: Tx, { userId }: Of, id: ConversationId): Promise<void> {
  const conversation = await tx.conversations.lock(id);
  if (conversation?.assigneeId !== userId) return;
  const unassigned = { ...conversation, assigneeId: undefined, version: conversation.version + 1 };
  await tx.conversations.update(unassigned);
  tx.emit(conversationUpdated({ conversation: unassigned, triaged: true }));
}

async function unfriend(_ports: ErasurePorts, tx: Tx, { userId }: Of, friend: UserId): Promise<void> {
  await tx.relations.lockPair(userId, friend);
  await endFriendship(tx, userId, friend);
}

/** To the others theirs look declined, and those of the person cancelled. */
async function closeRequest({ clock }: ErasurePorts, tx: Tx, { userId }: Of, { id, fromId, toId }: FriendRequest): Promise<void> {
  await tx.relations.lockPair(fromId, toId);
  const pending = await tx.friendRequests.lookup(id);
  if (pending?.status !== 'pending') return;
  const request = { ...pending, status: fromId === userId ? 'cancelled' : 'rejected', respondedAt: clock.now() } as const;
  await tx.friendRequests.update(request);
  const [from, to] = [await tx.persons.lookup(fromId), await tx.persons.lookup(toId)];
  if (from !== undefined && to !== undefined) tx.emit(requestClosed[request.status]({ request, from, to }));
  tx.emit(...feedEntries(request));
}

async function removeFiles({ uow, files, running }: ErasurePorts, { accountId, userId }: Of): Promise<number> {
  const removed = await uow.write(accountId, (tx) => tx.rows.removeUnusedFiles(userId, BATCH));
  running.abandon(removed.map(({ id }) => id));
  // A crash before this leaves files that no row names, which the collector removes.
  await files.delete(removed.flatMap(Attachment.keysOf));
  return removed.length;
}

const inAccount = (work: (tx: Tx, person: UserId) => Promise<number>) => (ports: ErasurePorts, of: Of) =>
  ports.uow.write(of.accountId, (tx) => work(tx, of.userId));

/** What others notice first: it needs the rows that the rest removes. */
const rules: readonly ErasureStep[] = [
  { name: 'conversations', run: each((tx, person) => tx.persons.conversations(person, BATCH), leave) },
  { name: 'assignments', run: each((tx, person) => tx.persons.assignments(person, BATCH), unassign) },
  { name: 'friends', run: each((tx, person) => tx.persons.friends(person, BATCH), unfriend) },
  { name: 'friend requests', run: each((tx, person) => tx.persons.pendingRequests(person, BATCH), closeRequest) },
  { name: 'unreadable messages', run: inAccount((tx, person) => tx.rows.eraseUnreadable(person, BATCH)) },
  { name: 'files', run: removeFiles },
];

const traces: ErasureStep = {
  name: 'traces of access',
  run: ({ uow }, { accountId, userId }) => uow.system('erasures', (tx) => tx.blankAuditEntries(accountId, userId, BATCH)),
};

/** The last stage repeats the first, for what a request in flight may have written. */
export async function stepsOf(ports: ErasurePorts, accountId: AccountId, stage: Erasure['stage']): Promise<readonly ErasureStep[]> {
  const places = await ports.uow.read(accountId, async (tx) => tx.rows.places(stage));
  const sweeps = places.map((place) => ({ name: place, run: inAccount((tx, person) => tx.rows.erase(place, person, BATCH)) }));
  return [...rules, ...sweeps, ...(stage === 'at last' ? [traces] : [])];
}
