import type { Ids } from '../ports/ids.ts';

/** A number from 0 up to 1, by the random bits at the end of a new id. */
export const chanceOf = (ids: Ids): number => Number.parseInt(ids.next().slice(-8), 16) / 2 ** 32;
