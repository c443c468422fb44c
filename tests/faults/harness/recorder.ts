import type { Answer, Call, Client, Entry, Shown } from '../checkers/history.ts';
import type { Payload } from '../../support/event-log.ts';

/** One attempt at sending, for figures; the log is for the checkers. */
export type Attempt = Readonly<{
  at: number;
  ms: number;
  node: number;
  over: 'http' | 'socket';
  outcome: 'ok' | 'fail' | 'unknown';
  code?: string | undefined;
  retryAfter?: string | undefined;
}>;

export type Recorder = Readonly<{
  log: Entry[];
  attempts: Attempt[];
  /** Writes down the invocation, and gives back how to write down the end. */
  invoke: (by: Client, call: Call) => Readonly<{ ok: (answer: Answer) => void; fail: (code: string) => void; unknown: () => void }>;
  told: (by: Client, name: string, payload: Payload) => void;
  holds: (by: Client, conversation: string, version: number, begins: boolean) => void;
}>;

export const shownOf = ({ seq, version, senderId, clientMessageId, content }: Payload): Shown => ({
  seq,
  version,
  sender: senderId,
  id: clientMessageId,
  value: content,
});

/** The observer: one process, one clock, the one that PostgreSQL stamps commits with. */
export function createRecorder(): Recorder {
  const log: Entry[] = [];
  let ops = 0;
  const by = ({ client, user }: Client) => ({ at: Date.now(), client, user });
  return {
    log,
    attempts: [],
    invoke(client, call) {
      const op = (ops += 1);
      log.push({ ...by(client), type: 'invoke', op, call });
      return {
        ok: (answer) => void log.push({ ...by(client), type: 'ok', op, answer }),
        fail: (code) => void log.push({ ...by(client), type: 'fail', op, code }),
        unknown: () => void log.push({ ...by(client), type: 'unknown', op }),
      };
    },
    told(client, name, { conversationId: conversation, version, message }) {
      log.push({ ...by(client), type: 'event', name, conversation, version, message: message && shownOf(message) });
    },
    holds(client, conversation, version, begins) {
      log.push({ ...by(client), type: 'holds', conversation, version, begins });
    },
  };
}
