import { updateInbox } from '@coucou/application/conversations/update-inbox';
import { markUnread, updateMembership } from '@coucou/application/conversations/update-membership';
import { unwatchConversation, watchConversation } from '@coucou/application/conversations/watch-conversation';
import { unwatchInbox, watchInbox } from '@coucou/application/conversations/watch-inbox';
import { bind } from '@coucou/application/kernel/module';
import * as contract from '@coucou/contracts/conversations/inbox';
import * as membership from '@coucou/contracts/conversations/membership';
import * as watching from '@coucou/contracts/conversations/watch-conversation';
import { presentConversation, presentMembership, presentShared } from '@coucou/features/conversations/presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

export const inbox: Module = {
  name: 'inbox',
  operations: [
    bind(membership.updateMembership, updateMembership, presentMembership),
    bind(membership.markUnread, markUnread, presentConversation),
    bind(contract.updateInbox, updateInbox, presentShared),
    bind(contract.watchInbox, watchInbox, nothing),
    bind(contract.unwatchInbox, unwatchInbox, nothing),
    bind(watching.watchConversation, watchConversation, nothing),
    bind(watching.unwatchConversation, unwatchConversation, nothing),
  ],
};
