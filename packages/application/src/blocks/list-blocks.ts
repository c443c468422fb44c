import { useCase } from '../kernel/use-case.ts';
import { BlockReader } from './block-reader.ts';

export const listBlocks = useCase({
  name: 'blocks.list',
  deps: { reader: BlockReader },
  run: ({ reader }, input: Readonly<{ limit: number; cursor?: string | undefined }>, { account, actor }) =>
    reader.list(account, actor.userId, { limit: input.limit, cursor: input.cursor }),
});
