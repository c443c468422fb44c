import type { Conversation, Member } from '@coucou/contracts/conversations/conversation';
import type { z } from 'zod';
import { callApi } from '../api.ts';
import { CommandError } from '../command.ts';

type Conversation = z.infer<typeof Conversation>;
type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor: string | null }>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The direct conversation with someone, made if need be. `name` is a username met in a conversation, or the id of a user. */
export async function findDirect(url: string, token: string, name: string): Promise<Conversation> {
  const create = (userId: string) => callApi<Conversation>(url, 'POST', '/conversations', { token, body: { type: 'direct', userId } });
  if (UUID.test(name)) return create(name.toLowerCase());
  const groups: Conversation[] = [];
  for await (const conversation of pages<Conversation>(url, token, '/conversations')) {
    if (isNamed(conversation.peer, name)) return conversation;
    if (conversation.type === 'group') groups.push(conversation);
  }
  for (const { id } of groups)
    for await (const member of pages<z.infer<typeof Member>>(url, token, `/conversations/${id}/members`))
      if (isNamed(member.user, name)) return create(member.userId);
  throw new CommandError(`${name} is in none of your conversations; run \`pnpm cli seed\` first, or give the id of a user with --to`);
}

const isNamed = (user: { username: string } | undefined, name: string): boolean => user?.username.toLowerCase() === name.toLowerCase();

async function* pages<Item>(url: string, token: string, path: string): AsyncGenerator<Item> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Item> = await callApi(url, 'GET', `${path}?limit=100${query}`, { token });
    yield* page.items;
    cursor = page.nextCursor;
  }
}
