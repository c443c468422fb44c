export type Outgoing = Readonly<{ clientMessageId: string; content: string }>;

/** `again`: whether it was stored is not known, or the server asked to wait; the same id makes another try harmless. */
export type Outcome =
  | Readonly<{ status: 'stored'; version: number }>
  | Readonly<{ status: 'refused'; reason: string }>
  | Readonly<{ status: 'again' }>;

export type OutboxOptions = Readonly<{
  send: (message: Outgoing) => Promise<Outcome>;
  newId: () => string;
  refused: (message: Outgoing, reason: string) => void;
  pause: () => Promise<void>;
}>;

/** Sends lines one after the other, so that they keep their order, each under one id until it is known to be stored. */
export function createOutbox({ send, newId, refused, pause }: OutboxOptions) {
  const waiting: Outgoing[] = [];
  let online = false;
  let pumping = false;
  let emptied = Promise.withResolvers<void>();

  const nextToSend = () => (online ? waiting[0] : undefined);

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    for (let message = nextToSend(); message !== undefined; message = nextToSend()) {
      const outcome = await send(message);
      if (outcome.status === 'again') {
        await pause();
        continue;
      }
      waiting.shift();
      if (outcome.status === 'refused') refused(message, outcome.reason);
    }
    pumping = false;
    if (waiting.length === 0) emptied.resolve();
  }

  return {
    add(content: string): void {
      if (waiting.length === 0) emptied = Promise.withResolvers<void>();
      waiting.push({ clientMessageId: newId(), content });
      void pump();
    },
    /** What waits goes out when the connection is up (again). */
    setOnline(isUp: boolean): void {
      online = isUp;
      if (isUp) void pump();
    },
    get pending() {
      return waiting.length;
    },
    /** Resolves when nothing waits. */
    async sent(): Promise<void> {
      if (waiting.length > 0) await emptied.promise;
    },
  };
}
