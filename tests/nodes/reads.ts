import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import fc from 'fast-check';
import { scrape } from '../observability/scrape.ts';
import type { Payload } from '../support/event-log.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { expectStatus, type Person } from '../support/people.ts';

/** How many reads a node has answered, by labels such as the server. */
export async function readsOf(node: ListeningApp, labels: Readonly<Record<string, string>>): Promise<number> {
  return (await scrape(node.metricsUrl ?? '')).sum(catalogue.standbyReads.name, labels);
}

const get = async (person: Person, path: string): Promise<Payload> => expectStatus(await person.http.call('GET', `/api/v1${path}`), 200);

export const history = async (person: Person, conversationId: string): Promise<Payload[]> =>
  (await get(person, `/conversations/${conversationId}/messages`)).items;

export const inbox = async (person: Person): Promise<Payload[]> => (await get(person, '/conversations')).items;

export const search = async (person: Person, word: string): Promise<Payload[]> => (await get(person, `/messages/search?q=${word}`)).items;

export async function synced(person: Person, conversationId: string): Promise<Payload> {
  const input = { conversations: { [conversationId]: {} } };
  const { conversations } = expectStatus(await person.http.call('POST', '/api/v1/sync', input), 200);
  return conversations[0];
}

/** What somebody has been shown of a conversation: each figure only grows, whoever shows it. */
export type Shown = { message: number; version: number; found: number };

/** The four reads, as what they show. */
export const reads: Readonly<Record<string, (person: Person, conversationId: string, word: string) => Promise<Partial<Shown>>>> = {
  history: async (person, id) => ({ message: Math.max(0, ...(await history(person, id)).map(({ version }) => version)) }),
  inbox: async (person, id) => ({ version: (await inbox(person)).find((conversation) => conversation.id === id)?.version ?? 0 }),
  sync: async (person, id) => ({ version: (await synced(person, id)).version }),
  search: async (person, id, word) => ({
    found: (await search(person, word)).filter(({ conversationId }) => conversationId === id).length,
  }),
};

/** What happens between reads, and the reads. */
export type Step = Readonly<{ act: 'send' | 'edit' | 'pause' | 'resume' | 'wait' }> | Readonly<{ read: string; at: 'here' | 'there' }>;
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('send', 'edit', 'send', 'pause', 'resume', 'wait').map((act): Step => ({ act })) },
  { weight: 5, arbitrary: fc.record({ read: fc.constantFrom(...Object.keys(reads)), at: fc.constantFrom('here', 'there') }) },
);
