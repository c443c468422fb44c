import type { Payload } from '../../support/event-log.ts';

/** What a device knows of its conversations: only versions, since the log keeps the rest. */
export type Copies = Readonly<{
  all: ReadonlyMap<string, Copy>;
  /** Takes in an event; whether anything has to be asked for. */
  receive: (name: string, payload: Payload) => boolean;
  /** What `sync` is asked for. */
  ask: () => Record<string, { version?: number }>;
  /** Takes in a page; whether there is more to ask for. */
  answer: (page: Payload) => boolean;
  giveUp: () => void;
}>;
export type Copy = { held: number | undefined; later: Set<number> };

/** Events that take a version of their conversation. */
export const versioned = new Set([
  'message:new',
  'message:updated',
  'message:deleted',
  'member:joined',
  'member:left',
  'member:updated',
  'conversation:updated',
]);

/** `onHeld` is told whenever a copy is complete up to a newer version. */
export function createCopies(onHeld: (conversation: string, version: number, begins: boolean) => void): Copies {
  const all = new Map<string, Copy>();
  let isAsking = false;

  function advance(id: string, copy: Copy): void {
    if (copy.held === undefined || isAsking) return;
    const before = copy.held;
    while (copy.later.has(copy.held + 1)) copy.held += 1;
    for (const version of copy.later) if (version <= copy.held) copy.later.delete(version);
    if (copy.held > before) onHeld(id, copy.held, false);
  }
  function want(id: string): void {
    if (!all.has(id)) all.set(id, { held: undefined, later: new Set() });
  }
  const isBehind = (id: string, version: number): boolean => version > (all.get(id)?.held ?? 0);

  function resume(): void {
    isAsking = false;
    for (const [id, copy] of all) advance(id, copy);
  }

  return {
    all,
    receive(name, payload) {
      if (name === 'sync:required') return true;
      if (name === 'heads') {
        for (const [id] of payload.conversations) want(id);
        return payload.conversations.some(([id, version]: [string, number]) => isBehind(id, version));
      }
      const { conversationId: id, version } = payload ?? {};
      if (name === 'conversation:removed') {
        all.delete(id);
        return false;
      }
      if (name === 'conversation:new') {
        want(id);
        return isBehind(id, version);
      }
      if (!versioned.has(name)) return false;
      want(id);
      const copy = all.get(id);
      if (copy === undefined || version <= (copy.held ?? 0)) return false;
      copy.later.add(version);
      advance(id, copy);
      return copy.later.size > 0;
    },
    ask() {
      isAsking = true;
      return Object.fromEntries([...all].map(([id, { held }]) => [id, held === undefined ? {} : { version: held }]));
    },
    answer({ conversations, heads }) {
      let more = false;
      for (const { id, version, removed, reset, hasMore } of conversations) {
        if (removed === true) {
          all.delete(id);
          continue;
        }
        // Nothing of it is in this answer.
        if (reset === true && version === 0) more = true;
        else {
          const copy = all.get(id);
          if (copy !== undefined && version !== copy.held) {
            const begins = copy.held === undefined || reset === true;
            copy.held = version;
            onHeld(id, version, begins);
          }
        }
        more ||= hasMore;
      }
      for (const [id] of heads) {
        more ||= !all.has(id);
        want(id);
      }
      if (!more) resume();
      return more;
    },
    giveUp: resume,
  };
}
