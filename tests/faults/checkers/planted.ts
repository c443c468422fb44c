import type { CheckerName } from './check.ts';
import type { History } from './history.ts';
import { type Command, cleanHistory } from './model.ts';
import { append, change, eventOf, must, removal, rowAt, show, store, swap } from './planting.ts';

/** Two senders, a doubtful send that is sent again, a refusal, lost events, a member who leaves, pages of history: something for every fault. */
const script: readonly Command[] = [
  ...Array.from({ length: 6 }, (_, at): Command => ({ kind: 'send', who: at % 4, where: 0, outcome: 'ok' })),
  { kind: 'send', who: 0, where: 0, outcome: 'unheard' },
  { kind: 'resend', which: 0 },
  { kind: 'send', who: 1, where: 0, outcome: 'fail' },
  { kind: 'history', who: 3, where: 0 },
  { kind: 'lose', who: 2, where: 0 },
  { kind: 'send', who: 0, where: 0, outcome: 'ok' },
  { kind: 'send', who: 1, where: 0, outcome: 'ok' },
  { kind: 'sync', who: 2, where: 0 },
  { kind: 'remove', who: 4, where: 0 },
  { kind: 'send', who: 0, where: 0, outcome: 'ok' },
  { kind: 'history', who: 3, where: 0 },
  { kind: 'send', who: 3, where: 0, outcome: 'ok' },
];

export const clean: History = cleanHistory(script);

type Plant = Readonly<{ fault: string; found: CheckerName; plant: (history: History) => History }>;

export const plants: readonly Plant[] = [
  {
    fault: 'an acknowledged message is not there',
    found: 'lost',
    plant: (history) => store(history, (row) => (row.seq === 3 ? undefined : row)),
  },
  {
    fault: 'the newest acknowledged messages went with a crash, numbers and all',
    found: 'lost',
    plant: (history) => ({
      ...store(history, (row) => (row.seq > 8 ? undefined : row)),
      conversations: history.conversations.map((one) => (one.id === 'one' ? { ...one, lastSeq: 8 } : one)),
    }),
  },
  { fault: 'a message is stored in another place than acknowledged', found: 'lost', plant: (history) => swap(history, 2, 3, false) },
  {
    fault: 'a resend is stored again',
    found: 'duplicate',
    plant: (history) => ({ ...history, rows: [...history.rows, { ...rowAt(history, 7), seq: 12, version: 99 }] }),
  },
  {
    fault: 'a resend is answered with another place',
    found: 'duplicate',
    plant: (history) =>
      show(history, (message, entry) =>
        entry.type === 'ok' && entry.answer.kind === 'send' && message.seq === 7 ? { ...message, seq: 12 } : message,
      ),
  },
  {
    fault: 'somebody is told of a message in two places',
    found: 'duplicate',
    plant: (history) => append(history, { ...eventOf(history, 2, "bob's desk"), message: { ...rowAt(history, 2), seq: 40 } }),
  },
  {
    fault: 'a number is left out',
    found: 'gap',
    plant: (history) => store(history, (row) => (row.conversation === 'one' && row.seq > 4 ? { ...row, seq: row.seq + 1 } : row)),
  },
  {
    fault: 'two messages have one version',
    found: 'gap',
    plant: (history) => store(history, (row) => (row.seq === 5 ? { ...row, version: rowAt(history, 4).version } : row)),
  },
  {
    fault: 'the last seq is ahead of the messages',
    found: 'gap',
    plant: (history) => ({ ...history, conversations: history.conversations.map((one) => ({ ...one, lastSeq: one.lastSeq + 1 })) }),
  },
  {
    fault: 'a message has a version that the conversation has not reached',
    found: 'gap',
    plant: (history) => store(history, (row) => (row.seq === 5 ? { ...row, version: 1_000 } : row)),
  },
  {
    fault: 'a message is stored that nobody sent',
    found: 'phantom',
    plant: (history) => ({ ...history, rows: [...history.rows, { ...rowAt(history, 1), seq: 12, version: 99, id: 'nobody’s' }] }),
  },
  {
    fault: 'a message is stored with the content of another',
    found: 'phantom',
    plant: (history) => store(history, (row) => (row.seq === 2 ? { ...row, value: rowAt(history, 1).value } : row)),
  },
  {
    fault: 'somebody is told of a message that nobody sent',
    found: 'phantom',
    plant: (history) =>
      append(history, {
        ...eventOf(history, 2, "bob's desk"),
        version: 99,
        message: { ...rowAt(history, 2), id: 'forged', seq: 40, version: 99 },
      }),
  },
  {
    fault: 'a message is shown as another sender’s',
    found: 'phantom',
    plant: (history) =>
      show(history, (message, { client }) => (message.seq === 2 && client === "bob's desk" ? { ...message, sender: 'carol' } : message)),
  },
  {
    fault: 'one device never gets one message',
    found: 'undelivered',
    plant: (history) => show(history, (message, { client }) => (message.seq === 9 && client === "bob's desk" ? undefined : message)),
  },
  {
    fault: 'a device does not learn of the last change',
    found: 'undelivered',
    plant: (history) => {
      const last = history.log.findLastIndex(({ type, client }) => type === 'holds' && client === "bob's desk");
      return change(history, (entry, at) => (at === last ? undefined : entry));
    },
  },
  {
    fault: 'a removed member is told of what came after the removal',
    found: 'misdelivered',
    plant: (history) => {
      const { user, until = 0 } = removal(history);
      const row = must(history.rows.find(({ version }) => version > until));
      return append(history, { ...eventOf(history, row.seq, "bob's desk"), user, client: `${user}'s phone` });
    },
  },
  {
    fault: 'a removed member reads what came after the removal',
    found: 'misdelivered',
    plant: (history) => {
      const { user, until = 0 } = removal(history);
      const row = must(history.rows.find(({ version }) => version > until));
      const by = { at: Infinity, user, client: `${user}'s phone`, op: 1_000 };
      return append(
        history,
        { ...by, type: 'invoke', call: { kind: 'sync', conversation: 'one', version: until } },
        { ...by, type: 'ok', answer: { kind: 'sync', version: row.version, messages: [row], hasMore: false } },
      );
    },
  },
  {
    fault: 'somebody is told who was never a member',
    found: 'misdelivered',
    plant: (history) => append(history, { ...eventOf(history, 2, "bob's desk"), user: 'mallory', client: "mallory's phone" }),
  },
  {
    fault: 'a refused message is stored',
    found: 'abortedRead',
    plant: (history) =>
      change(history, (entry) =>
        entry.type === 'ok' && entry.answer.kind === 'send' && entry.answer.message.seq === 3
          ? { ...entry, type: 'fail', code: 'FORBIDDEN' }
          : entry,
      ),
  },
  {
    fault: 'a refused message is shown',
    found: 'abortedRead',
    plant: (history) => {
      const refused = must(history.log.find((entry) => entry.type === 'fail'));
      const invoked = must(history.log.find((entry) => entry.type === 'invoke' && refused.type === 'fail' && entry.op === refused.op));
      if (invoked.type !== 'invoke' || invoked.call.kind !== 'send') return must<History>(undefined);
      const { id, value } = invoked.call;
      return append(history, { ...eventOf(history, 2, "bob's desk"), message: { seq: 40, version: 99, sender: invoked.user, id, value } });
    },
  },
  {
    fault: 'a message is shown before it was sent',
    found: 'uncommittedRead',
    plant: (history) => ({ ...history, log: [eventOf(history, 5, "bob's desk"), ...history.log] }),
  },
  {
    fault: 'a message is shown before it was committed',
    found: 'uncommittedRead',
    plant: (history) => store(history, (row) => (row.seq === 5 ? { ...row, committedAt: eventOf(history, 5, "bob's desk").at + 1 } : row)),
  },
  {
    fault: 'one device is shown another message in a place',
    found: 'oneValue',
    plant: (history) =>
      show(history, (message, { client }) => (message.seq === 2 && client === "bob's desk" ? { ...rowAt(history, 3), seq: 2 } : message)),
  },
  {
    fault: 'one device is shown other content under a version',
    found: 'oneValue',
    plant: (history) =>
      show(history, (message, { client }) =>
        message.seq === 2 && client === "bob's desk" ? { ...message, value: 'another text' } : message,
      ),
  },
  {
    fault: 'a version is two changes',
    found: 'oneValue',
    plant: (history) =>
      change(history, (entry) =>
        entry.type === 'event' && entry.name === 'member:left' ? { ...entry, version: rowAt(history, 9).version } : entry,
      ),
  },
  {
    fault: 'a device goes on over a message that it was not given',
    found: 'skip',
    plant: (history) => {
      const event = eventOf(history, 5, "bob's desk");
      return change(history, (entry) => (entry === event ? undefined : entry));
    },
  },
  {
    fault: 'a page of history leaves out a message',
    found: 'skip',
    plant: (history) =>
      show(history, (message, entry) =>
        message.seq === 3 && entry.type === 'ok' && entry.answer.kind === 'history' ? undefined : message,
      ),
  },
  {
    fault: 'a device drops what it holds and begins anew',
    found: 'skip',
    plant: (history) => change(history, (entry) => (entry.type === 'holds' && !entry.begins ? { ...entry, begins: true } : entry)),
  },
  {
    fault: 'sync answers an older state than the device has seen',
    found: 'stepBack',
    plant: (history) =>
      change(history, (entry) =>
        entry.type === 'ok' && entry.answer.kind === 'sync' && entry.answer.version > 3
          ? { ...entry, answer: { ...entry.answer, version: 3 } }
          : entry,
      ),
  },
  {
    fault: 'a page of history ends before what the device has seen',
    found: 'stepBack',
    plant: (history) =>
      show(history, (message, entry) => (message.seq > 2 && entry.type === 'ok' && entry.answer.kind === 'history' ? undefined : message)),
  },
  {
    fault: 'a device goes back to an older version',
    found: 'stepBack',
    plant: (history) => {
      const last = must(history.log.findLast((entry) => entry.type === 'holds' && entry.conversation === 'one'));
      return last.type === 'holds' ? append(history, { ...last, version: last.version - 1 }) : history;
    },
  },
  {
    fault: 'a later message of a sender comes first',
    found: 'sendOrder',
    // Both are alice's, from two devices, one after the other's acknowledgement.
    plant: (history) => swap(history, 1, 2, true),
  },
];
