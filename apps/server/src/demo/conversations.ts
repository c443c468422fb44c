import { createHash } from 'node:crypto';
import type { Authenticated } from '@coucou/contracts/auth/session';
import type { Conversation } from '@coucou/contracts/conversations/conversation';
import { createConversation } from '@coucou/contracts/conversations/create-conversation';
import { listConversations } from '@coucou/contracts/conversations/list-conversations';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { z } from 'zod';
import { type PersonName, scripts } from './people.ts';

/** A demo person who is signed in. */
export type Person = z.infer<typeof Authenticated>;
export type People = Readonly<Record<PersonName, Person>>;

/** Calls an operation, over HTTP or in this process. */
export type CallAs = (person: Person, operation: Operation, input: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Opens the conversations of the demo people and sends what they say; conversations side by side, the lines of each in their order. */
export async function fillConversations(people: People, callAs: CallAs): Promise<void> {
  await Promise.all(
    scripts.map(async (script) => {
      const conversationId = await open(people, callAs, script);
      for (const [index, [sender, content]] of script.lines.entries()) {
        const clientMessageId = clientMessageIdOf(`${conversationId} ${index}`);
        await callAs(people[sender], sendMessage, { conversationId, clientMessageId, content });
      }
    }),
  );
}

/** The conversation of a script; a group with this title that the same person made before is taken for it. */
async function open(people: People, callAs: CallAs, { title, members: [owner, ...others] }: (typeof scripts)[number]): Promise<string> {
  const [first, ...rest] = others.map((name) => people[name].user.id);
  const opener = people[owner];
  const create = async (input: Readonly<Record<string, unknown>>) =>
    ((await callAs(opener, createConversation, input)) as z.infer<typeof Conversation>).id;
  if (title === undefined) return create({ type: 'direct', userId: first });
  const { items } = (await callAs(opener, listConversations, { limit: 100 })) as { items: z.infer<typeof Conversation>[] };
  const known = items.find((each) => each.title === title && each.createdBy === opener.user.id);
  return known?.id ?? create({ type: 'group', title, memberIds: [first, ...rest] });
}

/** The same for the same line, so that doing it again stores nothing twice. A UUIDv8 (RFC 9562). */
function clientMessageIdOf(text: string): string {
  const hex = createHash('sha256').update(`coucou seed ${text}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
