import { Fleet, type Pair, type Phase, type Plan } from './fleet.ts';

/** The process that makes the load. It does what it is told, one thing at a time, and answers each time. */
export type Order =
  | {
      do: 'connect';
      fleet: string;
      urls: readonly string[];
      peerUrls?: readonly string[] | undefined;
      pairs: readonly Pair[];
      numbered: boolean;
    }
  | { do: 'run'; fleet: string; plan: Plan };
export type Answer = { ok: true; phase?: Phase & { cpuMicros: number } } | { ok: false; error: string };

const fleets = new Map<string, Fleet>();

async function obey(order: Order): Promise<Answer> {
  if (order.do === 'connect') {
    const fleet = new Fleet(order.pairs, order.numbered);
    fleets.set(order.fleet, fleet);
    await fleet.connect(order.urls, order.peerUrls);
    return { ok: true };
  }
  const fleet = fleets.get(order.fleet);
  if (!fleet) throw new Error(`${order.fleet} is not connected`);
  const before = process.cpuUsage();
  const phase = await fleet.run(order.plan);
  const { user, system } = process.cpuUsage(before);
  return { ok: true, phase: { ...phase, cpuMicros: user + system } };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
  );
});
process.on('disconnect', () => {
  for (const fleet of fleets.values()) fleet.leave();
  process.exit();
});
