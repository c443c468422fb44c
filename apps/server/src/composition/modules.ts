import type { Module } from './compose.ts';
import { auth } from './modules/auth.ts';
import { conversations } from './modules/conversations.ts';
import { messages } from './modules/messages.ts';
import { sync } from './modules/sync.ts';

/** What this server offers: one line per feature. */
export const modules: readonly Module[] = [auth, conversations, messages, sync];
