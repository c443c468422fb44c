import type { Instant } from './ids.ts';
import { addSeconds, isPast } from './time.ts';

/** The secret that signs requests to somebody, sealed. `previous`: the one before the last rotation, which signs as well until then. */
export type SealedSecrets = Readonly<{
  sealedSecret: string;
  previous: Readonly<{ sealedSecret: string; until: Instant }> | undefined;
}>;

function rotate<Owner extends SealedSecrets>(current: Owner, sealedSecret: string, overlapSeconds: number, now: Instant): Owner {
  const previous = overlapSeconds === 0 ? undefined : { sealedSecret: current.sealedSecret, until: addSeconds(now, overlapSeconds) };
  return { ...current, sealedSecret, previous };
}

/** Those that sign now, the newest first. */
const inForce = ({ sealedSecret, previous }: SealedSecrets, now: Instant): readonly string[] =>
  previous === undefined || isPast(previous.until, now) ? [sealedSecret] : [sealedSecret, previous.sealedSecret];

export const SealedSecrets = { rotate, inForce };
