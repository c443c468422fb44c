import { obeyOrders } from '@coucou/server/load/processes';
import { Fleet, type Pair, type Phase, type Plan } from './fleet.ts';

/** What a process that generates load is told. */
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
/** Of a run; nothing of a connect. */
export type Answer = Phase & { cpuMicros: number };

const fleets = new Map<string, Fleet>();

async function obey(order: Order): Promise<Answer | undefined> {
  if (order.do === 'connect') {
    const fleet = new Fleet(order.pairs, order.numbered);
    fleets.set(order.fleet, fleet);
    await fleet.connect(order.urls, order.peerUrls);
    return undefined;
  }
  const fleet = fleets.get(order.fleet);
  if (!fleet) throw new Error(`${order.fleet} is not connected`);
  const before = process.cpuUsage();
  const phase = await fleet.run(order.plan);
  const { user, system } = process.cpuUsage(before);
  return { ...phase, cpuMicros: user + system };
}

obeyOrders(obey, () => {
  for (const fleet of fleets.values()) fleet.leave();
});
