import { conversationCreated } from '@coucou/application/conversations/conversation-events';
import { messagePosted } from '@coucou/application/messages/message-events';
import { subscriber } from '@coucou/application/kernel/subscriber';
import type { AppFeature } from '@coucou/features/feature';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { createDatabase } from '../support/database.ts';
import { openDirect, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';

/** What a feature of another team would listen to. */
function listening() {
  const heard: { id: string; type: string; conversationId: string }[] = [];
  let failures = 0;
  const hear = async (event: (typeof heard)[number]) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('not now');
    }
    heard.push(event);
  };
  const module: AppFeature = {
    name: 'listening',
    operations: [],
    subscribers: [
      subscriber({ name: 'listening.created', on: conversationCreated, deps: {}, run: (_, event) => hear(event) }),
      subscriber({ name: 'listening.posted', on: messagePosted, deps: {}, run: (_, event) => hear(event) }),
    ],
  };
  return { module, heard, failNext: (times: number) => (failures = times) };
}

describe.each(['embedded', 'PostgreSQL'])('subscribers of a server on %s', (kind) => {
  const { module, heard, failNext } = listening();
  let database: Database | undefined;
  let app: ListeningApp;
  beforeAll(async () => {
    if (kind === 'PostgreSQL') database = await createDatabase();
    app = await startTestApp({ database, overrides: { features: [module] } });
  });
  afterAll(async () => {
    await app.close();
    await database?.drop();
  });

  it('hear what happened, once it is settled', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);
    await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hear me' });
    await app.settled();
    expect(heard).toEqual([
      expect.objectContaining({ type: 'conversation.created', conversationId: id }),
      expect.objectContaining({ type: 'message.posted', conversationId: id }),
    ]);
  });

  it('are asked again after a failure', async () => {
    heard.length = 0;
    failNext(1);
    const { carol, dan } = await signUpAll(app.url, 'carol', 'dan');
    const { id } = await openDirect(carol, dan);
    await app.settled();
    expect(heard).toEqual([]);
    await expect
      .poll(() => heard, { timeout: 10_000 })
      .toEqual([expect.objectContaining({ type: 'conversation.created', conversationId: id })]);
  });
});
