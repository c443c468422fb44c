import { randomUUID } from 'node:crypto';
import type { JobQueue, QueueName, Ticket } from '@coucou/application/ports/job-queue';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

export type QueuesUnderTest = Readonly<{
  /** Of one node, or of several that share the work. */ nodes: readonly JobQueue[];
  close(): Promise<void>;
}>;

export const ticketOf = (queue: QueueName = 'normal', event: string = randomUUID()): Ticket => ({
  account: asId(randomUUID()),
  event,
  claim: randomUUID(),
  queue,
});
const ticketsOf = (count: number, queue?: QueueName) => Array.from({ length: count }, () => ticketOf(queue));

/** What every queue of jobs does, on all of its nodes together. */
export function jobQueueSuite(name: string, open: () => Promise<QueuesUnderTest>): void {
  describe(`the job queue: ${name}`, () => {
    let under: QueuesUnderTest;
    let one: JobQueue;
    let other: JobQueue;
    beforeEach(async () => {
      under = await open();
      one = under.nodes[0] as JobQueue;
      other = under.nodes.at(-1) as JobQueue;
    });
    afterEach(async () => {
      for (const node of under.nodes) await node.stop();
      await under.close();
    });

    it('runs each ticket once, with all that it says', async () => {
      const ran: Ticket[] = [];
      const tickets = [...ticketsOf(40), ...ticketsOf(40, 'urgent'), ...ticketsOf(40, 'bulk')];
      await one.offer(tickets.slice(0, 60));
      for (const node of under.nodes) node.work(async (ticket) => void ran.push(ticket), 4);
      await other.offer(tickets.slice(60));
      await until(() => ran.length >= tickets.length, { what: 'all to be run' });
      const inOrder = (some: readonly Ticket[]) => some.toSorted((a, b) => (a.event < b.event ? -1 : 1));
      expect(inOrder(ran)).toEqual(inOrder(tickets));
    });

    it('leaves a ticket that waits as it is, and knows it from the same event under another claim', async () => {
      const ran: Ticket[] = [];
      const ticket = ticketOf();
      const again = { ...ticket, claim: randomUUID() };
      const last = ticketOf('bulk');
      await one.offer([ticket, ticket]);
      await other.offer([ticket, again, last]);
      one.work(async (each) => void ran.push(each), 1);
      await until(() => ran.some(({ event }) => event === last.event), { what: 'the last to be run' });
      expect(ran).toEqual([ticket, again, last]);
    });

    it('takes a ticket again that was run before', async () => {
      const ran: Ticket[] = [];
      one.work(async (each) => void ran.push(each), 1);
      const ticket = ticketOf();
      await one.offer([ticket]);
      await until(() => ran.length === 1, { what: 'the first run' });
      await until(() => one.offer([ticket]).then(() => ran.length > 1), { what: 'the second run' });
      expect(ran).toContainEqual(ticket);
    });

    it('runs what is urgent before the rest, and what is bulk after it', async () => {
      const ran: QueueName[] = [];
      for (const queue of ['bulk', 'normal', 'urgent', 'bulk', 'normal', 'urgent'] as const) await one.offer([ticketOf(queue)]);
      other.work(async ({ queue }) => void ran.push(queue), 1);
      await until(() => ran.length === 6, { what: 'all to be run' });
      expect(ran).toEqual(['urgent', 'urgent', 'normal', 'normal', 'bulk', 'bulk']);
    });

    it('runs so many at once, and no more', async () => {
      let [running, most, ran] = [0, 0, 0];
      const enough = Promise.withResolvers<void>();
      one.work(async () => {
        running += 1;
        most = Math.max(most, running);
        if (running === 3) enough.resolve();
        await enough.promise;
        running -= 1;
        ran += 1;
      }, 3);
      await one.offer(ticketsOf(12));
      await until(() => ran === 12, { what: 'all to be run' });
      expect(most).toBe(3);
    });

    it('goes on after a run that throws', async () => {
      const ran: Ticket[] = [];
      one.work(async (ticket) => {
        ran.push(ticket);
        throw new Error('not this one');
      }, 1);
      await one.offer(ticketsOf(3));
      await until(() => ran.length >= 3, { what: 'all to be run' });
      expect(new Set(ran).size).toBe(3);
    });

    it('stops when what runs has ended, and takes no more', async () => {
      const [entered, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let ran = 0;
      one.work(async () => {
        ran += 1;
        entered.resolve();
        await gate.promise;
      }, 1);
      await one.offer(ticketsOf(3));
      await entered.promise;
      let isStopped = false;
      const stopping = one.stop().then(() => (isStopped = true));
      expect(isStopped).toBe(false);
      gate.resolve();
      await stopping;
      expect(ran).toBe(1);
    });
  });
}
