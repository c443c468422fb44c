import { addMembers } from '@coucou/application/conversations/add-members';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { getConversation } from '@coucou/application/conversations/get-conversation';
import { leaveConversation } from '@coucou/application/conversations/leave-conversation';
import { listConversations } from '@coucou/application/conversations/list-conversations';
import { listMembers } from '@coucou/application/conversations/list-members';
import { removeMember } from '@coucou/application/conversations/remove-member';
import { bind } from '@coucou/application/kernel/module';
import { addMembers as addContract } from '@coucou/contracts/conversations/add-members';
import { createConversation as createContract } from '@coucou/contracts/conversations/create-conversation';
import { getConversation as getContract } from '@coucou/contracts/conversations/get-conversation';
import { leaveConversation as leaveContract } from '@coucou/contracts/conversations/leave-conversation';
import { listConversations as listContract } from '@coucou/contracts/conversations/list-conversations';
import { listMembers as listMembersContract } from '@coucou/contracts/conversations/list-members';
import { removeMember as removeContract } from '@coucou/contracts/conversations/remove-member';
import { presentConversation, presentConversationPage, presentMemberPage, presentMembers } from '@coucou/features/conversations/presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

export const conversations: Module = {
  name: 'conversations',
  operations: [
    bind(
      createContract,
      createConversation,
      ({ view }) => presentConversation(view),
      ({ created }) => !created,
    ),
    bind(listContract, listConversations, presentConversationPage),
    bind(getContract, getConversation, presentConversation),
    bind(leaveContract, leaveConversation, nothing),
    bind(listMembersContract, listMembers, presentMemberPage),
    bind(addContract, addMembers, presentMembers),
    bind(removeContract, removeMember, nothing),
  ],
};
