import type { Draft as WireDraft } from '@coucou/contracts/drafts/drafts';
import type { Draft } from '@coucou/domain/drafts/draft';
import type { z } from 'zod';

export const presentDraft = (draft: Draft): z.infer<typeof WireDraft> => ({
  conversationId: draft.conversationId,
  content: draft.content,
  replyToId: draft.replyToId,
  updatedAt: draft.updatedAt.toISOString(),
});
