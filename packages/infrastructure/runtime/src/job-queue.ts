import { type JobQueue, keyOf, type QueueName, queues, type Ticket } from '@coucou/application/ports/job-queue';

/** The queue of one process, in its memory. */
export function createJobQueue(): JobQueue {
  const waiting = new Map<QueueName, Map<string, Ticket>>(queues.map((queue) => [queue, new Map()]));
  const running = new Map<string, Promise<void>>();
  let worker: Readonly<{ run: (ticket: Ticket) => Promise<void>; atOnce: number }> | undefined;

  function first(): Ticket | undefined {
    for (const tickets of waiting.values())
      for (const [key, ticket] of tickets) {
        tickets.delete(key);
        return ticket;
      }
    return undefined;
  }

  function next(): void {
    if (worker === undefined) return;
    const { run, atOnce } = worker;
    while (running.size < atOnce) {
      const ticket = first();
      if (ticket === undefined) return;
      running.set(keyOf(ticket), carryOut(ticket, run));
    }
  }

  async function carryOut(ticket: Ticket, run: (ticket: Ticket) => Promise<void>): Promise<void> {
    try {
      await run(ticket);
    } catch {
      // The outbox knows that it was not done.
    } finally {
      running.delete(keyOf(ticket));
      next();
    }
  }

  return {
    async offer(tickets) {
      for (const ticket of tickets) if (!running.has(keyOf(ticket))) waiting.get(ticket.queue)?.set(keyOf(ticket), ticket);
      next();
    },
    work(run, atOnce) {
      worker = { run, atOnce };
      next();
    },
    async stop() {
      worker = undefined;
      await Promise.all(running.values());
    },
  };
}
