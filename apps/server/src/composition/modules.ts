import type { Module } from './compose.ts';
import { attachments } from './modules/attachments.ts';
import { auth } from './modules/auth.ts';
import { conversations } from './modules/conversations.ts';
import { groups } from './modules/groups.ts';
import { inbox } from './modules/inbox.ts';
import { messages } from './modules/messages.ts';
import { moderation } from './modules/moderation.ts';
import { notifications } from './modules/notifications.ts';
import { people } from './modules/people.ts';
import { receipts } from './modules/receipts.ts';
import { search } from './modules/search.ts';
import { sync } from './modules/sync.ts';
import { writing } from './modules/writing.ts';

/** What this server offers: one line per feature. */
export const modules: readonly Module[] = [
  attachments,
  auth,
  conversations,
  groups,
  inbox,
  messages,
  moderation,
  notifications,
  people,
  receipts,
  search,
  sync,
  writing,
];
