import type { Id } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export interface Ids {
  /** A new UUIDv7: ids made later sort later. */
  next<Kind extends string>(): Id<Kind>;
}
export const Ids = token<Ids>('Ids');
