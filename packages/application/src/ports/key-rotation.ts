import { token } from '../kernel/token.ts';

export interface KeyRotation {
  /** Another key signs access tokens from now on; what others signed stays good until it expires. */
  rotate(): Promise<void>;
}
export const KeyRotation = token<KeyRotation>('KeyRotation');
