import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { SyncReader } from './sync-reader.ts';

export type Sync = Readonly<{
  epoch?: string | undefined;
  user?: Readonly<{ version?: number | undefined }> | undefined;
  conversations: Readonly<Record<string, Readonly<{ version?: number | undefined; receiptsVersion?: number | undefined }>>>;
  limit: number;
  headsCursor?: string | undefined;
}>;

export const sync = useCase({
  name: 'sync.conversations',
  deps: { reader: SyncReader },
  run: ({ reader }, input: Sync, { account, actor }) =>
    reader.sync(account, actor.userId, {
      epoch: input.epoch,
      userVersion: input.user?.version,
      conversations: Object.entries(input.conversations).map(([id, { version, receiptsVersion }]) => ({
        id: id as ConversationId,
        version,
        receiptsVersion,
      })),
      limit: input.limit,
      headsCursor: input.headsCursor,
    }),
});
