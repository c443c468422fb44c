import { token } from '../kernel/token.ts';

/** Counts what happens, for operators. Names and labels are fixed words of the code: never ids, never what a caller sent. */
export interface Counters {
  add(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
}
export const Counters = token<Counters>('Counters');
