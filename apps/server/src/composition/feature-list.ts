// What this server is made of: one line each. Adding a feature is adding its line here.
export { attachmentsFeature } from '@coucou/features/attachments/feature';
export { authFeature } from '@coucou/features/auth/feature';
export { blocksFeature } from '@coucou/features/blocks/feature';
export { conversationsFeature } from '@coucou/features/conversations/feature';
export { coreFeature } from '@coucou/features/core/feature';
export { draftsFeature } from '@coucou/features/drafts/feature';
export { friendsFeature } from '@coucou/features/friends/feature';
export { messagesFeature } from '@coucou/features/messages/feature';
export { moderationFeature } from '@coucou/features/moderation/feature';
export { notificationsFeature } from '@coucou/features/notifications/feature';
export { preferencesFeature } from '@coucou/features/preferences/feature';
export { presenceFeature } from '@coucou/features/presence/feature';
export { receiptsFeature } from '@coucou/features/receipts/feature';
export { syncFeature } from '@coucou/features/sync/feature';
export { threadsFeature } from '@coucou/features/threads/feature';
export { typingFeature } from '@coucou/features/typing/feature';
export { usersFeature } from '@coucou/features/users/feature';
