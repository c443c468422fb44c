import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announced } from '../ports/event-bus.ts';
import type { Announcement } from './audience.ts';

/** Incremented when the format changes incompatibly. */
const VERSION = 1;

/** An announced event serialised for other nodes: presented on the committing node, plain JSON, no domain objects. */
export type Frame = Readonly<{
  v: typeof VERSION;
  type: string;
  account: AccountId;
  durable: boolean;
  tellings: readonly (Announcement & Readonly<{ payload: object }>)[];
}>;

export const frameOf = ({ type, account, durable, tellings }: Announced): Frame => ({
  v: VERSION,
  type,
  account,
  durable,
  tellings: tellings.map(({ payload, ...announcement }) => ({ ...announcement, payload: payload() })),
});

/** Undefined for another version, from a newer or older node; heads reveal what was missed. */
export function announcedFrom({ v, tellings, ...rest }: Frame): Announced | undefined {
  if (v !== VERSION) return undefined;
  return { ...rest, tellings: tellings.map(({ payload, ...announcement }) => ({ ...announcement, payload: () => payload })) };
}
