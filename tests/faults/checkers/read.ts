import type { Checker, History } from './history.ts';
import { keyOf, nameOf, operationsOf, rowsByConversation, sendsOf, sightingsOf } from './observations.ts';

/** What clients read, against the log that each conversation is. */

/** What was refused for certain, every time it was sent, is neither shown nor stored. */
export const abortedRead: Checker = (history) => {
  const refused = new Set(
    [...sendsOf(history)].flatMap(([key, { attempts }]) => (attempts.every(({ ended }) => ended?.type === 'fail') ? [key] : [])),
  );
  const stored = history.rows.filter(({ conversation, sender, id }) => refused.has(keyOf(conversation, sender, id)));
  const shown = sightingsOf(history).filter(({ conversation, message }) => refused.has(keyOf(conversation, message.sender, message.id)));
  return [
    ...stored.map((row) => `refused and stored: ${nameOf(row, row.conversation)}`),
    ...shown.map(({ conversation, message, entry }) => `refused and shown to ${entry.client}: ${nameOf(message, conversation)}`),
  ];
};

/** Nothing is shown before it was sent, nor before it was committed. */
export const uncommittedRead: Checker = (history) => {
  const sends = sendsOf(history);
  const committed = new Map(history.rows.map((row) => [`${row.conversation} ${row.seq}`, row.committedAt]));
  return sightingsOf(history).flatMap(({ position, entry, conversation, message }) => {
    const begun = sends.get(keyOf(conversation, message.sender, message.id))?.attempts[0]?.invokedAt;
    if (begun !== undefined && position < begun) return [`shown to ${entry.client} before it was sent: ${nameOf(message, conversation)}`];
    const at = committed.get(`${conversation} ${message.seq}`);
    if (at === undefined || at <= entry.at) return [];
    return [`shown to ${entry.client} ${at - entry.at} ms before it was committed: ${nameOf(message, conversation)}`];
  });
};

/** A seq is one message and a version one change, whoever tells of it and when. */
export const oneValue: Checker = (history) => {
  const values = new Map<string, Set<string>>();
  const note = (key: string, value: string) => values.set(key, (values.get(key) ?? new Set()).add(value));
  const noteMessage = (conversation: string, seq: number, version: number, sender: string, id: string, value: string) => {
    note(`${conversation} seq ${seq}`, `${id} of ${sender}`);
    note(`${conversation} version ${version}`, `${seq}: ${value}`);
  };
  for (const { conversation, seq, version, sender, id, value } of history.rows) noteMessage(conversation, seq, version, sender, id, value);
  for (const { conversation, message } of sightingsOf(history))
    noteMessage(conversation, message.seq, message.version, message.sender, message.id, message.value);
  for (const entry of history.log)
    if (entry.type === 'event' && entry.message === undefined) note(`${entry.conversation} version ${entry.version}`, entry.name);
  return [...values].flatMap(([key, all]) => (all.size > 1 ? [`${key} is ${[...all].join(' and ')}`] : []));
};

/** Between what a client held and what it holds now, nothing was left out; nor in the middle of a page. */
export const skip: Checker = (history) => {
  const rows = rowsByConversation(history);
  const seen = new Set<string>();
  const sightings = Map.groupBy(sightingsOf(history), ({ position }) => position);
  const held = new Map<string, number>();
  const found: string[] = [];
  for (const [position, entry] of history.log.entries()) {
    for (const { conversation, message } of sightings.get(position) ?? []) seen.add(`${entry.client} ${conversation} ${message.seq}`);
    if (entry.type !== 'holds') continue;
    const { client, user, conversation, version, begins } = entry;
    const key = `${client} ${conversation}`;
    const before = held.get(key);
    held.set(key, version);
    if (begins && before !== undefined && !hasJoined(history, user, conversation, before, version))
      found.push(`${client} began anew at version ${version} of ${conversation}, though it held ${before}`);
    if (!begins && before === undefined) found.push(`${client} holds version ${version} of ${conversation}, of which it had nothing`);
    if (begins || before === undefined) continue;
    const own = rows.get(conversation) ?? [];
    for (let at = firstAfter(own, before); (own[at]?.version ?? Infinity) <= version; at += 1) {
      const row = own[at];
      if (row !== undefined && !seen.has(`${client} ${conversation} ${row.seq}`))
        found.push(`${client} went from version ${before} to ${version} of ${conversation} without ${row.seq}`);
    }
  }
  for (const { invoked, ended } of operationsOf(history)) {
    if (invoked.call.kind !== 'history' || ended?.type !== 'ok' || ended.answer.kind !== 'history') continue;
    const { after, conversation } = invoked.call;
    for (const [at, { seq }] of ended.answer.messages.entries())
      if (seq !== after + 1 + at) found.push(`${invoked.client} read ${seq} of ${conversation} instead of ${after + 1 + at}`);
  }
  return found;
};

const hasJoined = ({ memberships }: History, user: string, conversation: string, after: number, upTo: number): boolean =>
  memberships.some((one) => one.user === user && one.conversation === conversation && after < one.from && one.from <= upTo);

function firstAfter(rows: readonly { version: number }[], version: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.version ?? Infinity) <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** No client is shown a state that is older than one it has seen. */
export const stepBack: Checker = (history) => {
  const found: string[] = [];
  const sightings = Map.groupBy(sightingsOf(history), ({ position }) => position);
  const held = new Map<string, number>();
  /** The highest that each client has seen of each conversation so far. */
  const newest = new Map<string, { seq: number; version: number }>();
  const atInvocation = new Map<number, { seq: number; version: number }>();
  const raise = (key: string, seq: number, version: number) => {
    const before = newest.get(key) ?? { seq: 0, version: 0 };
    newest.set(key, { seq: Math.max(before.seq, seq), version: Math.max(before.version, version) });
  };
  const calls = new Map<number, string>();
  for (const [position, entry] of history.log.entries()) {
    if (entry.type === 'invoke') {
      calls.set(entry.op, entry.call.conversation);
      atInvocation.set(entry.op, newest.get(`${entry.client} ${entry.call.conversation}`) ?? { seq: 0, version: 0 });
    } else if (entry.type === 'ok' && entry.answer.kind !== 'send' && !entry.answer.hasMore) {
      const known = atInvocation.get(entry.op);
      const where = `${calls.get(entry.op)}`;
      if (known !== undefined && entry.answer.kind === 'sync' && entry.answer.version < known.version)
        found.push(`${entry.client} had seen version ${known.version} of ${where}, and sync said ${entry.answer.version}`);
      const last = entry.answer.messages.at(-1)?.seq;
      if (known !== undefined && entry.answer.kind === 'history' && last !== undefined && last < known.seq)
        found.push(`${entry.client} had seen ${known.seq} of ${where}, and its history ended with ${last}`);
    } else if (entry.type === 'holds') {
      const key = `${entry.client} ${entry.conversation}`;
      const before = held.get(key) ?? 0;
      if (entry.version < before)
        found.push(`${entry.client} went back from version ${before} of ${entry.conversation} to ${entry.version}`);
      held.set(key, entry.version);
    } else if (entry.type === 'event') {
      raise(`${entry.client} ${entry.conversation}`, entry.message?.seq ?? 0, entry.version);
    }
    for (const { conversation, message } of sightings.get(position) ?? [])
      raise(`${entry.client} ${conversation}`, message.seq, message.version);
  }
  return found;
};

/** What a sender sent after an acknowledgement comes after what was acknowledged. */
export const sendOrder: Checker = (history) => {
  const found: string[] = [];
  const places = new Map(history.rows.map(({ conversation, sender, id, seq }) => [keyOf(conversation, sender, id), seq]));
  const bySender = Map.groupBy(sendsOf(history).values(), ({ conversation, sender }) => `${sender} in ${conversation}`);
  for (const [who, sends] of bySender) {
    const steps = sends
      .flatMap(({ conversation, sender, id, attempts }) => {
        const seq = places.get(keyOf(conversation, sender, id));
        if (seq === undefined) return [];
        const acked = Math.min(...attempts.map(({ ended, endedAt }) => (ended?.type === 'ok' ? endedAt : Infinity)));
        return [
          { at: attempts[0]?.invokedAt ?? 0, seq, begins: true },
          { at: acked, seq, begins: false },
        ];
      })
      .toSorted((a, b) => a.at - b.at);
    let highest = 0;
    for (const { seq, begins } of steps) {
      if (begins && seq < highest) found.push(`${who}: ${seq} was sent after ${highest} had been acknowledged`);
      if (!begins) highest = Math.max(highest, seq);
    }
  }
  return found;
};
