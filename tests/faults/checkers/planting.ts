import type { Entry, FinalRow, History, Shown, Told } from './history.ts';

/** What a planted fault changes of a history; each fails where there is nothing to change. */

export const rowAt = ({ rows }: History, seq: number): FinalRow => must(rows.find((row) => row.seq === seq && row.conversation === 'one'));

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the script has nothing to plant this fault on');
  return value;
}

export const change = (history: History, entry: (entry: Entry, at: number) => Entry | undefined): History => {
  const log = history.log.flatMap((one, at) => entry(one, at) ?? []);
  if (log.length === history.log.length && log.every((one, at) => one === history.log[at])) must(undefined);
  return { ...history, log };
};
export const store = (history: History, row: (row: FinalRow) => FinalRow | undefined): History => ({
  ...history,
  rows: history.rows.flatMap((one) => row(one) ?? []),
});
/** The same change in everything that shows a message. */
export function show(history: History, message: (message: Shown, entry: Entry) => Shown | undefined): History {
  return change(history, (entry) => {
    if (entry.type === 'event' && entry.message !== undefined) {
      const shown = message(entry.message, entry);
      if (shown === entry.message) return entry;
      return shown && { ...entry, message: shown };
    }
    if (entry.type !== 'ok') return entry;
    const { answer } = entry;
    if (answer.kind === 'send') {
      const shown = message(answer.message, entry);
      return shown === answer.message ? entry : shown && { ...entry, answer: { ...answer, message: shown } };
    }
    const messages = answer.messages.flatMap((one) => message(one, entry) ?? []);
    return messages.every((one, at) => one === answer.messages[at]) && messages.length === answer.messages.length
      ? entry
      : { ...entry, answer: { ...answer, messages } };
  });
}
export const eventOf = (history: History, seq: number, client: string): Told =>
  must(history.log.find((entry): entry is Told => entry.type === 'event' && entry.message?.seq === seq && entry.client === client));
export const append = (history: History, ...entries: Entry[]): History => ({ ...history, log: [...history.log, ...entries] });
export const removal = ({ memberships }: History) => must(memberships.find(({ until }) => until !== undefined));
/** Two messages in each other's place, wherever they are shown. */
export function swap(history: History, one: number, other: number, everywhere: boolean): History {
  const [first, second] = [rowAt(history, one), rowAt(history, other)];
  const place = <M extends Shown>(message: M): M => {
    const to = message.id === first.id ? second : message.id === second.id ? first : undefined;
    return to === undefined ? message : { ...message, seq: to.seq, version: to.version };
  };
  const stored = store(history, place);
  return everywhere ? show(stored, place) : stored;
}
