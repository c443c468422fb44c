import { type Group, type GroupLoad, openGroupLoad, type Pace } from './group-load.ts';
import type { StepCounts } from './step.ts';

/** A process that makes load. It does what it is told, one thing at a time, and answers each time. */
export type Order = Readonly<{ connect: Readonly<{ url: string; run: string; groups: readonly Group[] }> }> | Readonly<{ step: Pace }>;
export type Answer = Readonly<{ counts?: StepCounts }> | Readonly<{ failure: string }>;

let load: GroupLoad | undefined;

async function obey(order: Order): Promise<Answer> {
  if ('step' in order) {
    const counts = await load?.step(order.step);
    return counts === undefined ? {} : { counts };
  }
  const { url, groups, run } = order.connect;
  load = await openGroupLoad(url, groups, run);
  return {};
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
});
process.on('disconnect', () => {
  load?.leave();
  process.exit();
});
