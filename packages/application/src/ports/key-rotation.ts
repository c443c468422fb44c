import { token } from '../kernel/token.ts';

export interface KeyRotation {
  /** Another key signs access tokens as soon as every node knows it; what others signed stays good until it expires. */
  rotate(): Promise<void>;
}
export const KeyRotation = token<KeyRotation>('KeyRotation');
