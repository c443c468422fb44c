import { acceptInvite } from '@coucou/application/conversations/accept-invite';
import { banMember } from '@coucou/application/conversations/ban-member';
import { createInvite } from '@coucou/application/conversations/create-invite';
import { deleteConversation } from '@coucou/application/conversations/delete-conversation';
import { joinConversation } from '@coucou/application/conversations/join-conversation';
import { listBans, listInvites } from '@coucou/application/conversations/list-invites';
import { previewInvite } from '@coucou/application/conversations/preview-invite';
import { revokeInvite } from '@coucou/application/conversations/revoke-invite';
import { transferConversation } from '@coucou/application/conversations/transfer-conversation';
import { unbanMember } from '@coucou/application/conversations/unban-member';
import { updateConversation } from '@coucou/application/conversations/update-conversation';
import { updateMember } from '@coucou/application/conversations/update-member';
import { bind } from '@coucou/application/kernel/module';
import * as bans from '@coucou/contracts/conversations/bans';
import { deleteConversation as deleteContract } from '@coucou/contracts/conversations/delete-conversation';
import * as invites from '@coucou/contracts/conversations/invites';
import { joinConversation as joinContract } from '@coucou/contracts/conversations/join-conversation';
import { transferConversation as transferContract } from '@coucou/contracts/conversations/transfer-conversation';
import { updateConversation as updateContract } from '@coucou/contracts/conversations/update-conversation';
import { updateMember as updateMemberContract } from '@coucou/contracts/conversations/update-member';
import { presentConversation, presentSeat } from '@coucou/features/conversations/presenters';
import {
  presentBan,
  presentBans,
  presentInvite,
  presentInvitePreview,
  presentInvites,
} from '@coucou/features/conversations/group-presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

/** How groups are looked after. */
export const groups: Module = {
  name: 'groups',
  operations: [
    bind(updateContract, updateConversation, presentConversation),
    bind(deleteContract, deleteConversation, nothing),
    bind(joinContract, joinConversation, presentConversation),
    bind(transferContract, transferConversation, nothing),
    bind(updateMemberContract, updateMember, ({ member, user }) => presentSeat(member, user)),
    bind(bans.banMember, banMember, presentBan),
    bind(bans.unbanMember, unbanMember, nothing),
    bind(bans.listBans, listBans, presentBans),
    bind(invites.createInvite, createInvite, presentInvite),
    bind(invites.listInvites, listInvites, presentInvites),
    bind(invites.revokeInvite, revokeInvite, nothing),
    bind(invites.previewInvite, previewInvite, presentInvitePreview),
    bind(invites.acceptInvite, acceptInvite, presentConversation),
  ],
};
