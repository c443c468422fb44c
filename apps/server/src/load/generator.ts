import { type Group, type GroupLoad, openGroupLoad, type Pace } from './group-load.ts';
import { obeyOrders } from './processes.ts';
import type { StepCounts } from './step.ts';

/** What a process that generates load is told: to connect the people of its groups, then step by step. */
export type Order = Readonly<{ connect: Readonly<{ url: string; run: string; groups: readonly Group[] }> }> | Readonly<{ step: Pace }>;

let load: GroupLoad | undefined;

obeyOrders(
  async (order: Order): Promise<StepCounts | undefined> => {
    if ('step' in order) return load?.step(order.step);
    const { url, groups, run } = order.connect;
    load = await openGroupLoad(url, groups, run);
    return undefined;
  },
  () => load?.leave(),
);
