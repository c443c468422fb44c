import type { Checker } from './history.ts';
import { keyOf, nameOf, sendsOf, sightingsOf } from './observations.ts';

/** What the database holds in the end, against what was acknowledged and sent. */

/** An acknowledged message is stored, in the place that the acknowledgement said. */
export const lost: Checker = (history) => {
  const rows = new Map(history.rows.map((row) => [`${row.conversation} ${row.seq}`, row]));
  return [...sendsOf(history).values()].flatMap(({ conversation, sender, id, attempts }) =>
    attempts.flatMap(({ ended }) => {
      if (ended?.type !== 'ok' || ended.answer.kind !== 'send') return [];
      const { message } = ended.answer;
      const row = rows.get(`${conversation} ${message.seq}`);
      return row?.id === id && row.sender === sender ? [] : [`acknowledged and not stored there: ${nameOf(message, conversation)}`];
    }),
  );
};

/** A message has one place, however often it was sent, and whoever tells of it. */
export const duplicate: Checker = (history) => {
  const places = new Map<string, Set<number>>();
  const note = (key: string, seq: number) => places.set(key, (places.get(key) ?? new Set()).add(seq));
  const stored = new Set<string>();
  const found: string[] = [];
  for (const { conversation, sender, id, seq } of history.rows) {
    const key = keyOf(conversation, sender, id);
    if (stored.has(key)) found.push(`stored twice: ${key}`);
    stored.add(key);
    note(key, seq);
  }
  for (const { conversation, message } of sightingsOf(history)) note(keyOf(conversation, message.sender, message.id), message.seq);
  for (const [key, seqs] of places) if (seqs.size > 1) found.push(`in several places (${[...seqs].join(', ')}): ${key}`);
  return found;
};

/** Messages are numbered 1, 2, 3 … up to the conversation's last, and take versions of their own that the conversation has reached. */
export const gap: Checker = ({ conversations, rows }) => {
  const all = Map.groupBy(rows, ({ conversation }) => conversation);
  return conversations.flatMap(({ id, version, lastSeq }) => {
    const own = (all.get(id) ?? []).toSorted((a, b) => a.seq - b.seq);
    const found = own.flatMap(({ seq }, at) => (seq === at + 1 ? [] : [`${id}: ${seq} instead of ${at + 1}`]));
    if (own.length !== lastSeq) found.push(`${id}: ${own.length} messages, and the last seq is ${lastSeq}`);
    if (new Set(own.map((row) => row.version)).size !== own.length) found.push(`${id}: several messages under one version`);
    for (const row of own)
      if (row.version > version) found.push(`${id}: version ${row.version} of ${row.seq} is beyond its own ${version}`);
    return found;
  });
};

/** Whatever is stored or shown was sent, by that sender and with that content. */
export const phantom: Checker = (history) => {
  const sends = sendsOf(history);
  const wasSent = (conversation: string, sender: string, id: string, value: string) =>
    sends.get(keyOf(conversation, sender, id))?.value === value;
  const stored = history.rows.filter(({ conversation, sender, id, value }) => !wasSent(conversation, sender, id, value));
  const shown = sightingsOf(history).filter(
    ({ conversation, message }) => !wasSent(conversation, message.sender, message.id, message.value),
  );
  return [
    ...stored.map((row) => `stored and never sent: ${nameOf(row, row.conversation)}`),
    ...shown.map(({ conversation, message, entry }) => `shown to ${entry.client} and never sent: ${nameOf(message, conversation)}`),
  ];
};
