import { upload } from '../attachments/files.ts';
import { httpClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { expectStatus, openDirect, type Person, signUpAll } from '../support/people.ts';
import type { SpawnedApp } from '../support/spawned-app.ts';

export const TEXT = 'two\nlines \\ and\ttabs "quoted" null';

/** Two people with a message and a file. */
export async function fill({ url }: SpawnedApp): Promise<Readonly<{ alice: Person; id: string }>> {
  const { alice, bob } = await signUpAll(url, 'alice', 'bob');
  const { id } = await openDirect(alice, bob);
  const send = async (message: object) => expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, message), 201);
  await send({ content: TEXT });
  const file = expectStatus(await upload(alice, 'what is in the file'), 201);
  await send({ type: 'file', attachmentIds: [file.id] });
  return { alice, id };
}

/** What alice reads there, as a client that held another epoch, and what her file holds. */
export async function readAgain(server: SpawnedApp, { alice, id }: Awaited<ReturnType<typeof fill>>, epoch = 'another') {
  const client = httpClient(server.url, { token: alice.accessToken });
  const body = { epoch, user: { version: 0 }, conversations: { [id]: { version: 2, receiptsVersion: 0 } } };
  const page = expectStatus(await client.call('POST', '/api/v1/sync', body), 200);
  const [conversation] = page.conversations;
  const [attachment] = conversation.messages.flatMap(({ attachments = [] }: Payload) => attachments);
  const urls = expectStatus(await client.call('POST', '/api/v1/attachments/urls', { attachmentIds: [attachment.id] }), 200);
  const answer = await fetch(new URL(urls.items[0].url, server.url));
  return {
    epoch: page.epoch,
    reset: conversation.reset,
    texts: conversation.messages.map(({ content }: Payload) => content),
    file: await answer.text(),
  };
}
