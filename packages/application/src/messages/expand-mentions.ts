import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { Hooks } from '../ports/hooks.ts';
import { mentionsNamed } from './message-hooks.ts';
import type { NamedReferences } from './resolve-references.ts';

/** With the people whom ids of something else stand for, each once. A message that mentions nobody costs nothing. */
export async function expandMentions<Named extends NamedReferences>(
  hooks: Hooks,
  conversationId: ConversationId,
  named: Named,
  call: UserCall,
): Promise<Named> {
  if (named.mentions === undefined || named.mentions.length === 0) return named;
  const { mentions } = await hooks.run(mentionsNamed, { conversationId, mentions: named.mentions }, call);
  return { ...named, mentions: [...new Set<UserId | '@all'>(mentions)] };
}
