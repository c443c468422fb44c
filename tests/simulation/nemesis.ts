import { setTimeout as pause } from 'node:timers/promises';
import type { SimulatedBus } from './bus.ts';
import type { SimulatedDatabase } from './database.ts';
import type { SimulatedDevice } from './device.ts';
import { calm, type Faults } from './faults.ts';
import type { SimulatedNode } from './node.ts';

export type Stage = Readonly<{
  nodes: readonly SimulatedNode[];
  devices: readonly SimulatedDevice[];
  database: SimulatedDatabase;
  bus: SimulatedBus;
  faults: Faults;
  random: () => number;
  note: (what: () => string) => void;
}>;

type Upset = Readonly<{ name: string; weight: number; lasts: number; begin: (stage: Stage) => () => Promise<void> | void }>;

const oneOf = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)] as T;
/** Changes what is given for as long as the upset lasts. */
const worse =
  (change: Partial<Faults>) =>
  ({ faults }: Stage) => {
    const before = Object.fromEntries(Object.keys(change).map((key) => [key, faults[key as keyof Faults]]));
    Object.assign(faults, change);
    return () => void Object.assign(faults, before);
  };

function crash(stage: Stage): () => Promise<void> {
  const { nodes, devices, random } = stage;
  const node = oneOf(nodes, random);
  crashNode(stage, node, devices);
  return async () => {
    if (node.app === undefined) await node.start();
  };
}

function crashNode({ note, nodes }: Stage, node: SimulatedNode, devices: readonly SimulatedDevice[]): void {
  if (node.app === undefined) return;
  note(() => `${node.name} crashes`);
  node.crash();
  // Its machine says so to whoever is connected.
  for (const device of devices) if (device.node === nodes.indexOf(node)) device.cut();
}

const upsets: readonly Upset[] = [
  { name: 'crash', weight: 3, lasts: 800, begin: crash },
  {
    name: 'a node without the bus',
    weight: 3,
    lasts: 1_500,
    begin({ nodes, bus, random }) {
      const { place, name } = oneOf(nodes, random);
      bus.setUp(place, false);
      return () => bus.setUp(nodes.find((one) => one.name === name)?.place ?? place, true);
    },
  },
  {
    name: 'a node without the database',
    weight: 2,
    lasts: 800,
    begin({ nodes, database, random }) {
      const node = oneOf(nodes, random);
      node.link.isUp = false;
      database.cut(node.place);
      return () => {
        node.link.isUp = true;
      };
    },
  },
  { name: 'lost statements', weight: 3, lasts: 1_200, begin: worse({ statement: 0.03, commit: 0.1 }) },
  { name: 'a slow database', weight: 1, lasts: 600, begin: worse({ databaseMs: 25 }) },
  { name: 'lost envelopes', weight: 2, lasts: 1_500, begin: worse({ drop: 0.3 }) },
  { name: 'envelopes out of order', weight: 2, lasts: 1_500, begin: worse({ busMs: 120, duplicate: 0.2 }) },
  { name: 'slow clients', weight: 1, lasts: 1_000, begin: worse({ clientMs: 400 }) },
  {
    name: 'clients cut off',
    weight: 3,
    lasts: 0,
    begin({ devices, random }) {
      for (const device of devices) if (random() < 0.4) device.cut();
      return () => {};
    },
  },
];
const total = upsets.reduce((sum, { weight }) => sum + weight, 0);

function choose(random: () => number): Upset {
  let left = random() * total;
  return upsets.find(({ weight }) => (left -= weight) < 0) ?? (upsets[0] as Upset);
}

/** Upsets the world until `isOver`, several things at once. Resolves when everything is as it should be again. */
export async function upset(stage: Stage, isOver: () => boolean): Promise<void> {
  const { random, note, nodes, bus, faults } = stage;
  const running: Promise<void>[] = [];
  while (!isOver()) {
    await pause(100 + random() * 900);
    if (isOver()) break;
    const { name, lasts, begin } = choose(random);
    note(() => `begins: ${name}`);
    const end = begin(stage);
    running.push(
      pause(lasts * (0.3 + random()))
        .then(() => end())
        .then(() => note(() => `ends: ${name}`)),
    );
  }
  await Promise.all(running);
  Object.assign(faults, calm());
  for (const node of nodes) {
    node.link.isUp = true;
    if (node.app === undefined) await node.start();
    bus.setUp(node.place, true);
  }
  note(() => 'healed');
}
