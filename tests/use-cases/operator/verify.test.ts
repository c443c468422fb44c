import type { CheckedData } from '@coucou/application/ports/data-checks';
import { sealAudit } from '@coucou/application/audit/seal-entries';
import { stepsOf } from '@coucou/postgres/verify/data-checks';
import { schemaSets } from '@coucou/server/composition/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trim, unpaced } from '../../../packages/retention/tests/retention.ts';
import { createPoll } from '../../../packages/polls/tests/polls.ts';
import { save } from '../../../packages/saved-messages/tests/saved.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, send } from '../calls.ts';
import { damages, type Scene } from './damages.ts';

let app: TestApp;
let scene: Scene;

/** What is wrong, by the name of the check; `damage` is done before and taken back after. */
async function faultsOf(damage = 'select 1'): Promise<Record<string, string[]>> {
  const results: CheckedData[] = [];
  await app.behind(async (session) => {
    await session.script(`begin; set local session_replication_role = replica; ${damage}; set local session_replication_role = origin`);
    try {
      for (const { run } of stepsOf(schemaSets)) results.push(await run(session));
    } finally {
      await session.script('rollback');
    }
  });
  const faulty = results.filter(({ found }) => found > 0);
  return Object.fromEntries(faulty.map(({ check, examples }) => [check, examples.map(({ what }) => what)]));
}

beforeAll(async () => {
  app = await openTestApp({ overrides: [unpaced] });
  const [alice, bob, carol] = [await app.person('alice', undefined, 'owner'), await app.person('bob'), await app.person('carol')];
  const group = await openGroup(alice, [bob, carol]);
  const direct = await openDirect(alice, bob);
  const trimmed = await openGroup(alice, [bob, carol]);
  // Of alice alone, who has read all of it.
  const notes = await openGroup(alice);
  for (let at = 1; at <= 5; at += 1) await send(alice, notes, `note ${at}`);
  const first = await send(alice, group, 'first');
  await send(bob, group, 'a reply', { threadRootId: first.id });
  await send(bob, group, 'with a mention', { mentions: [carol.id] });
  await send(carol, group, 'a picture', { type: 'image', attachmentIds: [await app.attachment(carol)] });
  const liked = await send(alice, group, 'liked');
  for (const by of [bob, carol]) await by.call('reactions.put', { messageId: liked.id, emoji: '👍' });
  await alice.call('messages.edit', { messageId: liked.id, content: 'liked more' });
  await alice.call('pins.put', { messageId: liked.id });
  await send(bob, group, 'the last but one');
  await send(carol, group, 'the last');
  await bob.call('receipts.mark', { items: [{ conversationId: group.id, readSeq: 3 }] });
  for (let at = 1; at <= 5; at += 1) await send(at % 2 ? alice : bob, direct, `direct ${at}`);
  await save(bob, liked);
  const poll = await createPoll(alice, group);
  await bob.call('polls.vote', { pollId: poll.id, optionIds: ['1'] });
  const root = await send(alice, trimmed, 'root');
  for (let at = 1; at <= 6; at += 1) await send(bob, trimmed, `trimmed ${at}`, at % 2 ? {} : { threadRootId: root.id });
  await alice.call('admin.putConversationRetention', { conversationId: trimmed.id, maxMessages: 2, archive: true });
  await app.settled();
  await trim(app);
  await sealAudit.run(app.container.portsOf(sealAudit.deps), { aborted: false });
  scene = { notes: notes.id, group: group.id, direct: direct.id, trimmed: trimmed.id, bob: bob.id, carol: carol.id };
});
afterAll(() => app.close());

describe('a database', () => {
  it('is as it must be after the product has written to it', async () => {
    expect(await faultsOf()).toEqual({});
  });

  it.each(Object.entries(damages))('shows %s', async (_, damageOf) => {
    const [check, what, damage] = damageOf(scene);
    expect(await faultsOf(damage)).toEqual({ [check]: [expect.stringMatching(what)] });
  });

  it('is checked with damage of every kind', async () => {
    const checks = await app.behind(async (session) => {
      const results: string[] = [];
      for (const { run } of stepsOf(schemaSets)) results.push((await run(session)).check);
      return results;
    });
    expect(new Set(Object.values(damages).map((damageOf) => damageOf(scene)[0]))).toEqual(new Set(checks));
  });
});
