import type { Call, Ended, Entry, FinalRow, History, Invoked, Shown } from './history.ts';

/** Views of a history that several checkers share. */

export type Operation = Readonly<{ invoked: Invoked; invokedAt: number; ended: Ended | undefined; endedAt: number }>;

/** All operations with the positions in the log at which they began and ended; one without an end is of unknown outcome. */
export function operationsOf({ log }: History): Operation[] {
  const ends = new Map<number, readonly [Ended, number]>();
  for (const [at, entry] of log.entries())
    if (entry.type === 'ok' || entry.type === 'fail' || entry.type === 'unknown') ends.set(entry.op, [entry, at]);
  return log.flatMap((invoked, invokedAt) => {
    if (invoked.type !== 'invoke') return [];
    const [ended, endedAt] = ends.get(invoked.op) ?? [undefined, Infinity];
    return [{ invoked, invokedAt, ended, endedAt }];
  });
}

/** All attempts at sending one message. */
export type Sent = Readonly<{ conversation: string; sender: string; id: string; value: string; attempts: Operation[] }>;

export const keyOf = (conversation: string, sender: string, id: string): string => `${conversation} ${sender} ${id}`;

export function sendsOf(history: History): Map<string, Sent> {
  const sends = new Map<string, Sent>();
  for (const operation of operationsOf(history)) {
    const { call, user } = operation.invoked;
    if (call.kind !== 'send') continue;
    const key = keyOf(call.conversation, user, call.id);
    const sent = sends.get(key) ?? { conversation: call.conversation, sender: user, id: call.id, value: call.value, attempts: [] };
    sent.attempts.push(operation);
    sends.set(key, sent);
  }
  return sends;
}

/** A message that somebody was shown, by an acknowledgement, an event, or in answer to a read. */
export type Sighting = Readonly<{ position: number; entry: Exclude<Entry, Invoked>; conversation: string; message: Shown }>;

export function sightingsOf(history: History): Sighting[] {
  const calls = new Map<number, Call>();
  return history.log.flatMap((entry, position): Sighting[] => {
    if (entry.type === 'invoke') calls.set(entry.op, entry.call);
    if (entry.type === 'event' && entry.message !== undefined)
      return [{ position, entry, conversation: entry.conversation, message: entry.message }];
    const conversation = entry.type === 'ok' ? calls.get(entry.op)?.conversation : undefined;
    if (entry.type !== 'ok' || conversation === undefined) return [];
    const messages = entry.answer.kind === 'send' ? [entry.answer.message] : entry.answer.messages;
    return messages.map((message) => ({ position, entry, conversation, message }));
  });
}

/** The final rows of each conversation in the order of their versions. */
export function rowsByConversation({ rows }: History): Map<string, FinalRow[]> {
  const all = Map.groupBy(rows, ({ conversation }) => conversation);
  for (const own of all.values()) own.sort((a, b) => a.version - b.version);
  return all;
}

export const nameOf = ({ seq, sender, id, value }: Shown, conversation: string): string =>
  `${value} (${id} of ${sender}) as ${seq} of ${conversation}`;
