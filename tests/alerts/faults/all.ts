import type { Fault } from '../fault.ts';
import { nodeFaults } from './nodes.ts';
import { serviceFaults } from './services.ts';

/** A fault for every alert. What burns a budget comes before what burns it as well. */
export const faults: readonly Fault[] = [
  ...serviceFaults.slice(0, 2),
  ...nodeFaults.slice(0, 1),
  ...serviceFaults.slice(2),
  ...nodeFaults.slice(1),
];
