import { attachmentsFeature } from '@coucou/features/attachments/feature';
import { authFeature } from '@coucou/features/auth/feature';
import { blocksFeature } from '@coucou/features/blocks/feature';
import { conversationsFeature } from '@coucou/features/conversations/feature';
import { coreFeature } from '@coucou/features/core/feature';
import { draftsFeature } from '@coucou/features/drafts/feature';
import type { AppFeature } from '@coucou/features/feature';
import { friendsFeature } from '@coucou/features/friends/feature';
import { messagesFeature } from '@coucou/features/messages/feature';
import { moderationFeature } from '@coucou/features/moderation/feature';
import { notificationsFeature } from '@coucou/features/notifications/feature';
import { preferencesFeature } from '@coucou/features/preferences/feature';
import { presenceFeature } from '@coucou/features/presence/feature';
import { receiptsFeature } from '@coucou/features/receipts/feature';
import { syncFeature } from '@coucou/features/sync/feature';
import { threadsFeature } from '@coucou/features/threads/feature';
import { typingFeature } from '@coucou/features/typing/feature';
import { usersFeature } from '@coucou/features/users/feature';

/** What this server is made of, one line each. Hooks at one point run in this order. */
export const features: readonly AppFeature[] = [
  coreFeature,
  authFeature,
  usersFeature,
  preferencesFeature,
  friendsFeature,
  blocksFeature,
  presenceFeature,
  conversationsFeature,
  messagesFeature,
  threadsFeature,
  draftsFeature,
  receiptsFeature,
  typingFeature,
  attachmentsFeature,
  notificationsFeature,
  moderationFeature,
  syncFeature,
];
