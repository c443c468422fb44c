import * as blocks from '@coucou/contracts/blocks/block';
import { addMembers } from '@coucou/contracts/conversations/add-members';
import { banMember, unbanMember } from '@coucou/contracts/conversations/bans';
import { createConversation } from '@coucou/contracts/conversations/create-conversation';
import { deleteConversation } from '@coucou/contracts/conversations/delete-conversation';
import { updateInbox } from '@coucou/contracts/conversations/inbox';
import { acceptInvite, createInvite, revokeInvite } from '@coucou/contracts/conversations/invites';
import { joinConversation } from '@coucou/contracts/conversations/join-conversation';
import { leaveConversation } from '@coucou/contracts/conversations/leave-conversation';
import { markUnread, updateMembership } from '@coucou/contracts/conversations/membership';
import { removeMember } from '@coucou/contracts/conversations/remove-member';
import { transferConversation } from '@coucou/contracts/conversations/transfer-conversation';
import { updateConversation } from '@coucou/contracts/conversations/update-conversation';
import { updateMember } from '@coucou/contracts/conversations/update-member';
import { unwatchConversation, watchConversation } from '@coucou/contracts/conversations/watch-conversation';
import { deleteDraft, putDraft } from '@coucou/contracts/drafts/drafts';
import { acceptRequest, cancelRequest, rejectRequest } from '@coucou/contracts/friends/answer-request';
import { removeFriend } from '@coucou/contracts/friends/remove-friend';
import { requestFriend } from '@coucou/contracts/friends/request-friend';
import { deleteMessage } from '@coucou/contracts/messages/delete-message';
import { editMessage } from '@coucou/contracts/messages/edit-message';
import { forwardMessage } from '@coucou/contracts/messages/forward-message';
import { deletePin, putPin } from '@coucou/contracts/messages/pins';
import { deleteReaction, putReaction } from '@coucou/contracts/messages/reactions';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import { markNotifications } from '@coucou/contracts/notifications/mark-notifications';
import { putPreferences } from '@coucou/contracts/preferences/preferences';
import { markReceipts } from '@coucou/contracts/receipts/receipts';
import { setPresence } from '@coucou/contracts/presence/presence';
import { markThreadRead } from '@coucou/contracts/threads/threads';
import { setTyping } from '@coucou/contracts/typing/typing';
import { updateMe } from '@coucou/contracts/users/update-me';
import type { Callable } from '../support/callers.ts';
import type { Payload } from '../support/event-log.ts';

/** What commands can be about: grows with what they are answered. */
export type Model = {
  readonly people: readonly string[];
  readonly conversations: string[];
  readonly messages: { id: string; conversationId: string; seq: number }[];
  readonly requests: string[];
  readonly invites: { code: string; conversationId: string }[];
  /** A file of each person's own, in the order of the people. */
  readonly files: readonly string[];
  /** The newest notification that a person's device has heard of. */
  readonly notified: (who: number) => string | undefined;
};

/** Numbers that a command picks by: what there is to pick from is known only when it runs. */
export type Pick = Readonly<{ who: number; a: number; b: number; c: number }>;
export type Chosen = Readonly<{ operation: Callable; input: Record<string, unknown> }>;

type Target = Readonly<{
  conversationId: string;
  message: Model['messages'][number];
  other: string;
  requestId: string;
  invite: Model['invites'][number];
  file: string;
  notificationId: string;
  others: readonly string[];
  a: number;
  b: number;
}>;

const words = ['one', 'two', 'three', 'four', 'five'];
const emoji = ['👍', '🎉', '👀'];
const roles = ['owner', 'admin', 'moderator', 'member'];
const later = '2100-01-01T00:00:00.000Z';
const oneOf = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;
/** On or off, or nothing said of it. */
const perhaps = (n: number) => oneOf([true, false, undefined], n);

const about = ({ message }: Target, more: object = {}) => ({ messageId: message.id, ...more });
const say = (target: Target, more: object = {}) => ({ conversationId: target.conversationId, content: oneOf(words, target.a), ...more });
const into = ({ message, a }: Target, more: object) => ({ conversationId: message.conversationId, content: oneOf(words, a), ...more });

/** Each kind: how often, the operation, and its input. */
const kinds: Readonly<Record<string, readonly [weight: number, Callable, (target: Target) => Record<string, unknown>]>> = {
  send: [10, sendMessage, (t) => say(t)],
  reply: [3, sendMessage, (t) => into(t, { replyToId: t.message.id })],
  thread: [3, sendMessage, (t) => into(t, { threadRootId: t.message.id })],
  mention: [2, sendMessage, (t) => say(t, { mentions: [t.b % 3 === 0 ? '@all' : t.other] })],
  custom: [1, sendMessage, (t) => say(t, { type: 'custom', data: { poll: oneOf(words, t.b) } })],
  attach: [2, sendMessage, (t) => say(t, { type: 'file', attachmentIds: [t.file] })],
  sendDirect: [2, sendMessage, (t) => ({ toUserId: t.other, content: oneOf(words, t.a) })],
  forward: [1, forwardMessage, (t) => about(t, { conversationIds: [t.conversationId] })],
  edit: [4, editMessage, (t) => about(t, { content: `${oneOf(words, t.a)}, rather` })],
  rename: [1, editMessage, (t) => about(t, { content: `${oneOf(words, t.a)}, all`, mentions: [t.other] })],
  hide: [3, deleteMessage, (t) => about(t, { for: 'me' })],
  erase: [2, deleteMessage, (t) => about(t, { for: 'everyone' })],
  react: [4, putReaction, (t) => about(t, { emoji: oneOf(emoji, t.a) })],
  unreact: [2, deleteReaction, (t) => about(t, { emoji: oneOf(emoji, t.a) })],
  pin: [2, putPin, (t) => about(t)],
  unpin: [1, deletePin, (t) => about(t)],
  read: [4, markReceipts, (t) => ({ items: [{ conversationId: t.message.conversationId, readSeq: t.message.seq }] })],
  deliver: [2, markReceipts, (t) => ({ items: [{ conversationId: t.message.conversationId, deliveredSeq: t.message.seq }] })],
  readThread: [1, markThreadRead, (t) => about(t)],
  unread: [3, markUnread, (t) => ({ conversationId: t.message.conversationId, fromSeq: t.message.seq })],
  watch: [2, watchConversation, (t) => ({ conversationId: t.conversationId })],
  unwatch: [1, unwatchConversation, (t) => ({ conversationId: t.conversationId })],
  create: [1, createConversation, (t) => ({ type: 'group', title: 'Another', memberIds: [t.other], visibility: 'public' })],
  open: [1, createConversation, (t) => ({ type: 'direct', userId: t.other })],
  remove: [2, removeMember, (t) => ({ conversationId: t.conversationId, userId: t.other })],
  leave: [2, leaveConversation, (t) => ({ conversationId: t.conversationId })],
  join: [3, joinConversation, (t) => ({ conversationId: t.conversationId })],
  add: [4, addMembers, (t) => ({ conversationId: t.conversationId, userIds: [t.other] })],
  addBoth: [2, addMembers, (t) => ({ conversationId: t.conversationId, userIds: t.others })],
  invite: [2, createInvite, (t) => ({ conversationId: t.conversationId, maxUses: 1 + (t.a % 2) })],
  enter: [3, acceptInvite, (t) => ({ code: t.invite.code })],
  uninvite: [1, revokeInvite, (t) => ({ conversationId: t.invite.conversationId, code: t.invite.code })],
  ban: [1, banMember, (t) => ({ conversationId: t.conversationId, userId: t.other })],
  unban: [1, unbanMember, (t) => ({ conversationId: t.conversationId, userId: t.other })],
  role: [3, updateMember, (t) => ({ conversationId: t.conversationId, userId: t.other, role: oneOf(roles, t.a) })],
  mute: [1, updateMember, (t) => ({ conversationId: t.conversationId, userId: t.other, mutedUntil: t.a % 2 ? later : null })],
  transfer: [1, transferConversation, (t) => ({ conversationId: t.conversationId, userId: t.other })],
  title: [2, updateConversation, (t) => ({ conversationId: t.conversationId, title: oneOf(words, t.a) })],
  describe: [
    1,
    updateConversation,
    (t) => ({ conversationId: t.conversationId, description: oneOf([...words, null], t.a), custom: oneOf([{ color: 'teal' }, null], t.b) }),
  ],
  show: [1, updateConversation, (t) => ({ conversationId: t.conversationId, visibility: oneOf(['public', 'private', 'public'], t.a) })],
  slow: [1, updateConversation, (t) => ({ conversationId: t.conversationId, settings: { slowModeSeconds: oneOf([0, 0, 1], t.a) } })],
  history: [2, updateConversation, (t) => ({ conversationId: t.conversationId, settings: { history: oneOf(['all', 'joined'], t.a) } })],
  announce: [1, updateConversation, (t) => ({ conversationId: t.conversationId, settings: { announcementsOnly: t.a % 3 === 0 } })],
  triage: [1, updateInbox, (t) => ({ conversationId: t.conversationId, labels: [oneOf(words, t.a)] })],
  assign: [
    1,
    updateInbox,
    (t) => ({
      conversationId: t.conversationId,
      status: oneOf(['open', 'pending', 'resolved', undefined], t.a),
      assigneeId: oneOf([t.other, null], t.b),
    }),
  ],
  close: [1, deleteConversation, (t) => ({ conversationId: t.conversationId })],
  arrange: [
    4,
    updateMembership,
    (t) => ({
      conversationId: t.conversationId,
      archived: perhaps(t.a),
      pinned: perhaps(t.b),
      mutedUntil: oneOf([later, null, undefined], t.a + t.b),
      notify: oneOf(['all', 'mentions', 'none', undefined], t.a),
    }),
  ],
  draft: [2, putDraft, (t) => ({ conversationId: t.conversationId, content: oneOf(words, t.a) })],
  undraft: [1, deleteDraft, (t) => ({ conversationId: t.conversationId })],
  prefer: [1, putPreferences, (t) => ({ theme: oneOf(['dark', 'light'], t.a) })],
  keep: [1, putPreferences, (t) => ({ readReceipts: t.a % 2 === 0 })],
  profile: [1, updateMe, (t) => ({ displayName: oneOf(words, t.a), bio: oneOf([...words, null], t.b) })],
  notice: [1, markNotifications, (t) => (t.a % 2 ? { upTo: t.notificationId } : { ids: [t.notificationId] })],
  typing: [1, setTyping, (t) => ({ conversationId: t.conversationId, isTyping: t.a % 2 === 0 })],
  idle: [1, setPresence, (t) => ({ status: oneOf(['online', 'away'], t.a) })],
  block: [1, blocks.putBlock, (t) => ({ userId: t.other })],
  unblock: [2, blocks.deleteBlock, (t) => ({ userId: t.other })],
  befriend: [3, requestFriend, (t) => ({ userId: t.other })],
  accept: [2, acceptRequest, (t) => ({ requestId: t.requestId })],
  decline: [1, rejectRequest, (t) => ({ requestId: t.requestId })],
  cancel: [1, cancelRequest, (t) => ({ requestId: t.requestId })],
  unfriend: [1, removeFriend, (t) => ({ userId: t.other })],
};

const aboutMessages = new Set(
  'reply thread forward edit rename hide erase react unreact pin unpin read deliver readThread unread'.split(' '),
);
const aboutRequests = new Set(['accept', 'decline', 'cancel']);
const aboutInvites = new Set(['enter', 'uninvite']);

export type Kind = keyof typeof kinds;
export const weights = Object.entries(kinds).map(([kind, [weight]]) => ({ kind, weight }));

/** A command's operation and input as of now; undefined when it is about something that there is none of yet. */
export function choose(model: Model, kind: Kind, { who, a, b, c }: Pick): Chosen | undefined {
  const entry = kinds[kind];
  if (entry === undefined) throw new Error(`no such command: ${kind}`);
  const [, operation, inputOf] = entry;
  // The last ones more often: that is where people talk.
  const message = model.messages.at(-1 - (c % Math.min(8, model.messages.length)));
  const requestId = model.requests.at(-1);
  const invite = model.invites.at(-1 - (a % Math.min(3, model.invites.length)));
  const notificationId = model.notified(who);
  if ((aboutMessages.has(kind) && message === undefined) || (aboutRequests.has(kind) && requestId === undefined)) return undefined;
  if ((aboutInvites.has(kind) && invite === undefined) || (kind === 'notice' && notificationId === undefined)) return undefined;
  const conversationId = oneOf(model.conversations, c);
  const target = {
    conversationId,
    message: message ?? { id: '', conversationId, seq: 0 },
    other: oneOf(model.people, who + 1 + (b % 2)),
    others: [1, 2].map((step) => oneOf(model.people, who + step)),
    requestId: requestId ?? '',
    invite: invite ?? { code: '', conversationId },
    file: oneOf(model.files, who),
    notificationId: notificationId ?? '',
    a,
    b,
  };
  return { operation, input: inputOf(target) };
}

/** Takes in what a command was answered, so that later ones can be about it. */
export function learn(model: Model, { operation }: Chosen, data: Payload): void {
  if (operation.name === sendMessage.name) {
    const { id, conversationId, seq } = data;
    model.messages.push({ id, conversationId, seq });
    if (!model.conversations.includes(conversationId)) model.conversations.push(conversationId);
  }
  if (operation.name === createConversation.name && !model.conversations.includes(data.id)) model.conversations.push(data.id);
  if (operation.name === createInvite.name) model.invites.push({ code: data.code, conversationId: data.conversationId });
  if (operation.name === requestFriend.name && !model.requests.includes(data.id)) model.requests.push(data.id);
}
