// Simulates the seeds that `pnpm sim` sends, one after the other, in a process whose time and chance are replaced.
import '../tests/simulation/time/interpose.ts';
import { plants } from '../tests/simulation/plants.ts';
import { simulate } from '../tests/simulation/simulate.ts';
import type { Order } from './sim.ts';

process.on('message', ({ seed, plant, isTraced }: Order) => {
  const trace = isTraced ? { trace: (line: string) => console.log(line) } : {};
  const planted = plants.find(({ name }) => name === plant);
  // What nobody handles ends the process, and the search with it.
  void simulate({ seed, plant: planted, ...trace }).then((outcome) => process.send?.(outcome));
});
