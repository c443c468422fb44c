import { PGlite } from '@electric-sql/pglite';

/**
 * The embedded database plans a statement each time it is asked, which is most of what a simulation takes. From here on it prepares each once, by
 * the messages of PostgreSQL's protocol, for all databases of this process.
 */

type Answer = Awaited<ReturnType<PGlite['execProtocol']>>;
type Prepared = { readonly name: string; described: Answer | undefined };
type Known = { readonly byParse: Map<string, Prepared>; current: Prepared | undefined; pending: Uint8Array[]; isSynced: boolean };

const nothing: Answer = { messages: [], data: new Uint8Array() };
/** The kind of a message, and its length with itself. */
const HEADER = 5;

const known = new WeakMap<PGlite, Known>();
const real = PGlite.prototype.execProtocol;

/** Inserts a statement's name at this offset, where the message has the empty name of the unnamed statement. */
function named(message: Uint8Array, at: number, name: string): Uint8Array {
  const bytes = Buffer.concat([message.subarray(0, at), Buffer.from(name), message.subarray(at)]);
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
}

PGlite.prototype.execProtocol = async function (message, options) {
  const statements = known.get(this) ?? { byParse: new Map(), current: undefined, pending: [], isSynced: false };
  known.set(this, statements);
  const { byParse, current } = statements;
  const ask = (asked: Uint8Array) => real.call(this, asked, options);
  switch (String.fromCharCode(message[0] ?? 0)) {
    case 'P': {
      const text = Buffer.from(message).toString('latin1');
      const before = byParse.get(text);
      statements.current = before;
      if (before !== undefined) return nothing;
      const prepared: Prepared = { name: `s${byParse.size}`, described: undefined };
      const answer = await ask(named(message, HEADER, prepared.name));
      byParse.set(text, prepared);
      statements.current = prepared;
      return answer;
    }
    case 'D': {
      if (current === undefined) return ask(message);
      if (message[HEADER] === 'P'.charCodeAt(0)) {
        statements.pending.push(message);
        return nothing;
      }
      return (current.described ??= await ask(named(message, HEADER + 1, current.name)));
    }
    case 'B':
      if (current === undefined) return ask(message);
      // After the name of the portal, which is empty.
      statements.pending.push(named(message, HEADER + 1, current.name));
      return nothing;
    case 'E':
      if (current === undefined) return ask(message);
      statements.pending.push(message);
      return nothing;
    case 'Q':
      // Ends in a Sync by itself.
      statements.isSynced = true;
      return ask(message);
    case 'S': {
      const { isSynced } = statements;
      statements.isSynced = false;
      if (isSynced) return nothing;
      const asked = Buffer.concat([...statements.pending, message]);
      statements.pending = [];
      statements.current = undefined;
      return ask(asked);
    }
    default:
      return ask(message);
  }
};
