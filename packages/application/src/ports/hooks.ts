import type { UserCall } from '../kernel/call.ts';
import type { HookPoints } from '../kernel/hook.ts';
import { token } from '../kernel/token.ts';

/** Runs the hooks of all modules at a point, in the order of the modules; each gets what the one before it made. */
export interface Hooks {
  run<Point extends keyof HookPoints>(point: Point, value: HookPoints[Point], call: UserCall): Promise<HookPoints[Point]>;
}
export const Hooks = token<Hooks>('Hooks');
