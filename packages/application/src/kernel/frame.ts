import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Announced, Telling } from '../ports/event-bus.ts';
import type { Announcement } from './audience.ts';

/** What an event is and whom it tells, without what. `version`: of the payload. */
type Head = Readonly<{
  type: string;
  account: AccountId;
  durable: boolean;
  traceparent?: string | undefined;
  at?: number | undefined;
  tellings: readonly (Announcement & Readonly<{ version?: number | undefined }>)[];
}>;

/** An announced event serialised for other nodes: presented on the committing node, plain JSON, no domain objects. */
export type Frame = Readonly<{ head: string; payloads: readonly string[] }>;

export function frameOf({ tellings, ...event }: Announced): Frame {
  const payloads: string[] = [];
  const told = tellings.map(({ payload, ...announcement }) => {
    const { json, version } = payload();
    payloads.push(json);
    return { ...announcement, version };
  });
  return { head: JSON.stringify({ ...event, tellings: told } satisfies Head), payloads };
}

/** One line of heads, and one for each payload, which JSON writes without line breaks: a node passes payloads on without parsing them. */
export const textOf = (frames: readonly Frame[]): string =>
  [`[${frames.map(({ head }) => head).join(',')}]`, ...frames.flatMap(({ payloads }) => payloads)].join('\n');

export function announcedIn(text: string): Announced[] {
  const [heads = '', ...payloads] = text.split('\n');
  let next = 0;
  const tellingOf = ({ version, ...announcement }: Head['tellings'][number]): Telling => {
    const encoded = { json: payloads[next++] ?? '', version };
    return { ...announcement, payload: () => encoded };
  };
  return (JSON.parse(heads) as Head[]).map((head) => ({ ...head, tellings: head.tellings.map(tellingOf) }));
}
