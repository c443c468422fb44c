import type { Payload } from '../../../tests/support/event-log.ts';
import type { Calling } from '../../../tests/support/test-app.ts';

let last = 0;
/** A handle that no test has had before. */
export const handle = (): string => {
  last += 1;
  return `group-${last}`;
};

export const create = (by: Calling, memberIds: readonly string[] = [], more: Record<string, unknown> = {}): Promise<Payload> =>
  by.call('admin.createUserGroup', { handle: handle(), name: 'A group', memberIds, ...more });
