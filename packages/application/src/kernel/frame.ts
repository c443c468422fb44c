import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announced } from '../ports/event-bus.ts';
import type { Announcement } from './audience.ts';

/** Raised when the form changes in a way that an older node would misread. */
const VERSION = 1;

/** An announced event between nodes: presented once where it was committed, plain JSON, no object of the domain in it. */
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

/** Undefined for a form of another version: its node is newer or older, and heads tell what was missed. */
export function announcedFrom({ v, tellings, ...rest }: Frame): Announced | undefined {
  if (v !== VERSION) return undefined;
  return { ...rest, tellings: tellings.map(({ payload, ...announcement }) => ({ ...announcement, payload: () => payload })) };
}
