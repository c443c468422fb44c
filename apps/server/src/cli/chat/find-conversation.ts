import type { Conversation } from '@coucou/contracts/conversations/conversation';
import type { User } from '@coucou/contracts/users/user';
import { User as Named } from '@coucou/domain/users/user';
import type { z } from 'zod';
import { callApi } from '../api.ts';
import { CommandError } from '../command.ts';

type Conversation = z.infer<typeof Conversation>;
type User = z.infer<typeof User>;
type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor: string | null }>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Similar names are found too, after exact matches. */
const FOUND = 10;

/** The direct conversation with someone, made if need be. `name` is a username, or the id of a user. */
export async function findDirect(url: string, token: string, name: string): Promise<Conversation> {
  const create = (userId: string) => callApi<Conversation>(url, 'POST', '/conversations', { token, body: { type: 'direct', userId } });
  if (UUID.test(name)) return create(name.toLowerCase());
  // Conversations first: one with a person whom a search does not find any more can still be read.
  for await (const conversation of conversations(url, token)) if (isNamed(conversation.peer, name)) return conversation;
  return create((await findPerson(url, token, name)).id);
}

async function findPerson(url: string, token: string, name: string): Promise<User> {
  const query = new URLSearchParams({ q: name, limit: String(FOUND) }).toString();
  const { items } = await callApi<Page<User>>(url, 'GET', `/users?${query}`, { token });
  const person = items.find((found) => isNamed(found, name));
  if (person !== undefined) return person;
  const alike = items.slice(0, 3).map(({ username }) => username);
  throw new CommandError(`there is no user called ${name}${alike.length === 0 ? '' : `; did you mean ${alike.join(' or ')}?`}`);
}

const isNamed = (user: { username: string } | undefined, name: string): boolean =>
  user !== undefined && Named.usernameKey(user.username) === Named.usernameKey(name);

async function* conversations(url: string, token: string): AsyncGenerator<Conversation> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Conversation> = await callApi(url, 'GET', `/conversations?limit=100${query}`, { token });
    yield* page.items;
    cursor = page.nextCursor;
  }
}
