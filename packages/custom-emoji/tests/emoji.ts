import type { Payload } from '../../../tests/support/event-log.ts';
import type { Calling } from '../../../tests/support/test-app.ts';

let last = 0;
/** A name that no test has had before. */
export const parrot = (): string => {
  last += 1;
  return `parrot-${last}`;
};

export const put = (by: Calling, more: Record<string, unknown> = {}): Promise<Payload> =>
  by.call('admin.putEmoji', { name: parrot(), imageUrl: 'https://example.com/parrot.gif', ...more });

export const list = async (by: Calling, more: Record<string, unknown> = {}): Promise<Payload> => by.call('emoji.list', more);
