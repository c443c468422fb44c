import type { SignFile } from '@coucou/application/ports/file-urls';
import type { ConversationView, MemberView, Page } from '@coucou/application/conversations/conversation-reader';
import type {
  Conversation as WireConversation,
  Member as WireMember,
  Membership as WireMembership,
  NewConversation,
  SharedConversation,
} from '@coucou/contracts/conversations/conversation';
import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import type { User } from '@coucou/domain/users/user';
import type { z } from 'zod';
import { signedMessage } from '../messages/presenters.ts';
import { presentUser } from '../users/presenters.ts';

/** The fields that are the same for every member. */
export const presentShared = (conversation: Conversation): z.infer<typeof SharedConversation> => ({
  id: conversation.id,
  type: conversation.type,
  title: conversation.title,
  description: conversation.description,
  avatarUrl: conversation.avatarUrl,
  visibility: conversation.visibility,
  custom: conversation.custom,
  settings: {
    history: conversation.settings.history,
    announcementsOnly: conversation.settings.announcementsOnly,
    slowModeSeconds: conversation.settings.slowModeSeconds,
  },
  status: conversation.status,
  assigneeId: conversation.assigneeId,
  labels: [...conversation.labels],
  memberCount: conversation.memberCount,
  lastSeq: conversation.lastSeq,
  firstSeq: conversation.firstSeq,
  version: conversation.version,
  createdBy: conversation.createdBy,
  createdAt: conversation.createdAt.toISOString(),
});

export const presentMembership = (membership: ConversationView['membership']): z.infer<typeof WireMembership> => ({
  role: membership.role,
  joinedAt: membership.joinedAt.toISOString(),
  readSeq: membership.readSeq,
  deliveredSeq: membership.deliveredSeq,
  archived: membership.archived,
  pinned: membership.pinned,
  mutedUntil: membership.notifyMutedUntil?.toISOString(),
  notify: membership.notify,
  unreadFromSeq: membership.unreadFromSeq,
});

/** Without its last message. */
const presentBareView = (view: ConversationView) => ({
  ...presentShared(view.conversation),
  unread: { messages: view.unread.messages, mentions: view.unread.mentions },
  membership: presentMembership(view.membership),
  peer: view.peer && presentUser(view.peer),
});

export const signedConversation =
  (sign: SignFile) =>
  (view: ConversationView): z.infer<typeof WireConversation> => ({
    ...presentBareView(view),
    lastMessage: view.lastMessage && signedMessage(sign)(view.lastMessage),
  });

/** For a new member: everything so far counts as read. */
export const presentNewConversation = (
  conversation: Conversation,
  member: Member,
  peer: User | undefined,
): z.infer<typeof NewConversation> =>
  presentBareView({
    conversation,
    membership: { ...member, archived: false, pinned: false, notify: 'all', notifyMutedUntil: undefined, unreadFromSeq: undefined },
    lastMessage: undefined,
    unread: { messages: 0, mentions: 0 },
    peer,
  });

export const presentMember = (member: Member, user?: User): z.infer<typeof WireMember> => ({
  userId: member.userId,
  user: user && presentUser(user),
  role: member.role,
  joinedAt: member.joinedAt.toISOString(),
  deliveredSeq: member.deliveredSeq,
  readSeq: member.readSeq,
  mutedUntil: member.postingMutedUntil?.toISOString(),
  leftAt: member.leftAt?.toISOString(),
});

/** A member for all viewers, without marks, which receipts deliver to those who may see them. */
export const presentSeat = (member: Member, user?: User): z.infer<typeof WireMember> =>
  presentMember({ ...member, deliveredSeq: 0, readSeq: 0 }, user);

export const presentMemberView = ({ member, user }: MemberView): z.infer<typeof WireMember> => presentMember(member, user);

export const presentMembers = (views: readonly MemberView[]) => ({ items: views.map(presentMemberView) });

/** A page of anything. */
export const presentPage =
  <Item, Wire>(presentItem: (item: Item) => Wire) =>
  (page: Page<Item>): { items: Wire[]; nextCursor: string | null } => ({
    items: page.items.map(presentItem),
    nextCursor: page.nextCursor ?? null,
  });

export const signedConversationPage = (sign: SignFile) => presentPage(signedConversation(sign));
export const presentMemberPage = presentPage(presentMemberView);
