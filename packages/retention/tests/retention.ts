import { Pacing } from '../src/application/retention-repository.ts';
import { trimMessages } from '../src/application/trim-job.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp, type TestAppOptions } from '../../../tests/support/test-app.ts';
import { send } from '../../../tests/use-cases/calls.ts';

/** Works without rests. */
export const unpaced: NonNullable<TestAppOptions['overrides']>[number] = (container) =>
  container.provide(Pacing, () => ({ paced: (work) => work() }));

export const openRetentionApp = (): Promise<TestApp> => openTestApp({ overrides: [unpaced] });

/** A run of the job, and what followed from it. */
export async function trim(app: TestApp, stopping = { aborted: false }): Promise<Payload> {
  const report = await trimMessages.run(app.container.portsOf(trimMessages.deps), stopping);
  await app.settled();
  return report;
}

/** Sends so many messages, called after their seqs; answers them. */
export async function fill(from: Caller, conversation: Readonly<{ id: string }>, count: number): Promise<Payload[]> {
  const sent: Payload[] = [];
  for (let at = 1; at <= count; at += 1) sent.push(await send(from, conversation, `message ${at}`));
  return sent;
}

export const seqsOf = async (who: Caller, conversation: Readonly<{ id: string }>): Promise<number[]> =>
  (await who.call('messages.list', { conversationId: conversation.id, limit: 100 })).items.map(({ seq }: Payload) => seq);

export const keep = (by: Caller, conversation: Readonly<{ id: string }>, policy: object): Promise<Payload> =>
  by.call('admin.putConversationRetention', { conversationId: conversation.id, ...policy });

export const viewOf = (who: Caller, conversation: Readonly<{ id: string }>): Promise<Payload> =>
  who.call('conversations.get', { conversationId: conversation.id });
