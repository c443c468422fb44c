import { deleteDraft, getDraft, putDraft } from '@coucou/application/drafts/drafts';
import { bind } from '@coucou/application/kernel/module';
import { getThread } from '@coucou/application/threads/get-thread';
import { listThreads } from '@coucou/application/threads/list-threads';
import { markThreadRead } from '@coucou/application/threads/mark-thread-read';
import { setTyping } from '@coucou/application/typing/set-typing';
import * as drafts from '@coucou/contracts/drafts/drafts';
import * as threads from '@coucou/contracts/threads/threads';
import { setTyping as typingContract } from '@coucou/contracts/typing/typing';
import { presentPage } from '@coucou/features/conversations/presenters';
import { presentDraft } from '@coucou/features/drafts/presenters';
import { presentFoundThread, presentThread } from '@coucou/features/threads/presenters';
import type { Module } from '../compose.ts';

const nothing = () => {};

/** Around messages: threads, drafts and typing. */
export const writing: Module = {
  name: 'writing',
  operations: [
    bind(threads.listThreads, listThreads, presentPage(presentThread)),
    bind(threads.getThread, getThread, presentFoundThread),
    bind(threads.markThreadRead, markThreadRead, nothing),
    bind(drafts.getDraft, getDraft, presentDraft),
    bind(drafts.putDraft, putDraft, presentDraft),
    bind(drafts.deleteDraft, deleteDraft, nothing),
    bind(typingContract, setTyping, nothing),
  ],
};
