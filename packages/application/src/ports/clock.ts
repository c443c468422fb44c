import type { Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export interface Clock {
  now(): Instant;
}
export const Clock = token<Clock>('Clock');
