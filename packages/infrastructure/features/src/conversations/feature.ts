import { acceptInvite } from '@coucou/application/conversations/accept-invite';
import { addMembers } from '@coucou/application/conversations/add-members';
import { banMember } from '@coucou/application/conversations/ban-member';
import { ConversationReader } from '@coucou/application/conversations/conversation-reader';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { createInvite } from '@coucou/application/conversations/create-invite';
import { deleteConversation } from '@coucou/application/conversations/delete-conversation';
import { getConversation } from '@coucou/application/conversations/get-conversation';
import { InviteReader } from '@coucou/application/conversations/invite-reader';
import { joinConversation } from '@coucou/application/conversations/join-conversation';
import { leaveConversation } from '@coucou/application/conversations/leave-conversation';
import { listConversations } from '@coucou/application/conversations/list-conversations';
import { listBans, listInvites } from '@coucou/application/conversations/list-invites';
import { listMembers } from '@coucou/application/conversations/list-members';
import { previewInvite } from '@coucou/application/conversations/preview-invite';
import { removeMember } from '@coucou/application/conversations/remove-member';
import { Bans, Conversations, Invites, Memberships } from '@coucou/application/conversations/repositories';
import { revokeInvite } from '@coucou/application/conversations/revoke-invite';
import { transferConversation } from '@coucou/application/conversations/transfer-conversation';
import { unbanMember } from '@coucou/application/conversations/unban-member';
import { updateConversation } from '@coucou/application/conversations/update-conversation';
import { updateInbox } from '@coucou/application/conversations/update-inbox';
import { updateMember } from '@coucou/application/conversations/update-member';
import { markUnread, updateMembership } from '@coucou/application/conversations/update-membership';
import { unwatchConversation, watchConversation } from '@coucou/application/conversations/watch-conversation';
import { unwatchInbox, watchInbox } from '@coucou/application/conversations/watch-inbox';
import { bind, bindCached, bindSigned } from '@coucou/application/kernel/operation';
import { CurrentMembers } from '@coucou/application/ports/current-members';
import { addMembers as addContract } from '@coucou/contracts/conversations/add-members';
import * as bans from '@coucou/contracts/conversations/bans';
import { createConversation as createContract } from '@coucou/contracts/conversations/create-conversation';
import { deleteConversation as deleteContract } from '@coucou/contracts/conversations/delete-conversation';
import { getConversation as getContract } from '@coucou/contracts/conversations/get-conversation';
import * as contract from '@coucou/contracts/conversations/inbox';
import * as invites from '@coucou/contracts/conversations/invites';
import { joinConversation as joinContract } from '@coucou/contracts/conversations/join-conversation';
import { leaveConversation as leaveContract } from '@coucou/contracts/conversations/leave-conversation';
import { listConversations as listContract } from '@coucou/contracts/conversations/list-conversations';
import { listMembers as listMembersContract } from '@coucou/contracts/conversations/list-members';
import * as membership from '@coucou/contracts/conversations/membership';
import { removeMember as removeContract } from '@coucou/contracts/conversations/remove-member';
import { transferConversation as transferContract } from '@coucou/contracts/conversations/transfer-conversation';
import { updateConversation as updateContract } from '@coucou/contracts/conversations/update-conversation';
import { updateMember as updateMemberContract } from '@coucou/contracts/conversations/update-member';
import * as watching from '@coucou/contracts/conversations/watch-conversation';
import { conversationActions } from '@coucou/domain/conversations/audit-actions';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { inviteErrors } from '@coucou/domain/conversations/invite';
import { createBanRepository } from '@coucou/postgres/conversations/ban-repository';
import { createConversationReader } from '@coucou/postgres/conversations/conversation-reader';
import { createConversationRepository } from '@coucou/postgres/conversations/conversation-repository';
import { createInviteReader } from '@coucou/postgres/conversations/invite-reader';
import { createInviteRepository } from '@coucou/postgres/conversations/invite-repository';
import { createMembershipRepository } from '@coucou/postgres/conversations/membership-repository';
import { createCurrentMembers } from '@coucou/postgres/conversations/current-members';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { permissions } from '@coucou/domain/conversations/permissions';
import { feature } from '../feature.ts';
import { conversationEvents } from './events.ts';
import { presentBan, presentBans, presentInvite, presentInvitePreview, presentInvites } from './group-presenters.ts';
import {
  presentMemberPage,
  presentMembers,
  presentMembership,
  presentSeat,
  presentShared,
  signedConversation,
  signedConversationPage,
} from './presenters.ts';
import { groupSettings } from './settings.ts';

const nothing = () => {};

export const conversationsFeature = feature({
  name: 'conversations',
  operations: [
    bindSigned(
      createContract,
      createConversation,
      (sign) =>
        ({ view }) =>
          signedConversation(sign)(view),
      ({ created }) => !created,
    ),
    bindCached(
      bindSigned(listContract, listConversations, signedConversationPage),
      { conversations: ConversationReader },
      ({ conversations }, { limit, cursor, ...filter }, { account, actor }) =>
        cursor === undefined ? conversations.validateList(account, actor.userId, limit, filter) : undefined,
    ),
    bindSigned(getContract, getConversation, signedConversation),
    bind(leaveContract, leaveConversation, nothing),
    bind(listMembersContract, listMembers, presentMemberPage),
    bind(addContract, addMembers, presentMembers),
    bind(removeContract, removeMember, nothing),
    bindSigned(updateContract, updateConversation, signedConversation),
    bind(deleteContract, deleteConversation, nothing),
    bindSigned(joinContract, joinConversation, signedConversation),
    bind(transferContract, transferConversation, nothing),
    bind(updateMemberContract, updateMember, ({ member, user }) => presentSeat(member, user)),
    bind(bans.banMember, banMember, presentBan),
    bind(bans.unbanMember, unbanMember, nothing),
    bind(bans.listBans, listBans, presentBans),
    bind(invites.createInvite, createInvite, presentInvite),
    bind(invites.listInvites, listInvites, presentInvites),
    bind(invites.revokeInvite, revokeInvite, nothing),
    bind(invites.previewInvite, previewInvite, presentInvitePreview),
    bindSigned(invites.acceptInvite, acceptInvite, signedConversation),
    bind(membership.updateMembership, updateMembership, presentMembership),
    bindSigned(membership.markUnread, markUnread, signedConversation),
    bind(contract.updateInbox, updateInbox, presentShared),
    bind(contract.watchInbox, watchInbox, nothing),
    bind(contract.unwatchInbox, unwatchInbox, nothing),
    bind(watching.watchConversation, watchConversation, nothing),
    bind(watching.unwatchConversation, unwatchConversation, nothing),
  ],
  auditActions: [conversationActions],
  errors: [conversationErrors, inviteErrors],
  permissions,
  settings: groupSettings,
  events: conversationEvents,
  storage: {
    repositories: [
      repository(Conversations, createConversationRepository),
      repository(Memberships, createMembershipRepository),
      repository(Bans, createBanRepository),
      repository(Invites, createInviteRepository),
    ],
    readers: [
      reader(ConversationReader, (pool, { reads }) => createConversationReader(pool, reads.synced)),
      reader(InviteReader, createInviteReader),
      reader(CurrentMembers, createCurrentMembers),
    ],
  },
});
