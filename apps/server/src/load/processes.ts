import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type Processes<Order, Answer> = Readonly<{
  /** Gives each its order, and answers what all of them answer. */
  ask(order: (at: number) => Order): Promise<Answer[]>;
  stop(): void;
}>;

type Reply<Answer> = Readonly<{ answer: Answer }> | Readonly<{ failure: string }>;

/**
 * Processes that do what they are told, each one thing at a time; `script` ends in `obeyOrders`. What fails there, and a process that ends, rejects
 * here.
 */
export function startProcesses<Order extends object, Answer>(script: URL, count: number): Processes<Order, Answer> {
  const processes = Array.from({ length: count }, () => {
    const child = fork(fileURLToPath(script), { serialization: 'advanced' });
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a process of the load ended with ${code}`)));
    // It ends in the end, too, when nobody waits for it any more.
    ended.catch(() => {});
    return { child, ended };
  });

  async function ask({ child, ended }: Readonly<{ child: ChildProcess; ended: Promise<never> }>, order: Order): Promise<Answer> {
    const answered = once(child, 'message');
    child.send(order);
    const [reply] = (await Promise.race([answered, ended])) as [Reply<Answer>];
    if ('failure' in reply) throw new Error(reply.failure);
    return reply.answer;
  }

  return {
    ask: (order) => Promise.all(processes.map((each, at) => ask(each, order(at)))),
    stop(): void {
      for (const { child } of processes) if (child.connected) child.disconnect();
    },
  };
}

/** The other end, in a process of `startProcesses`; `leave` runs when that lets go. */
export function obeyOrders(obey: (order: never) => Promise<unknown>, leave: () => void): void {
  process.on('message', (order) => {
    obey(order as never).then(
      (answer) => process.send?.({ answer } satisfies Reply<unknown>),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies Reply<unknown>),
    );
  });
  process.on('disconnect', () => {
    leave();
    process.exit();
  });
}
