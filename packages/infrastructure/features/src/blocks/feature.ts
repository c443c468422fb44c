import { BlockReader } from '@coucou/application/blocks/block-reader';
import { deleteBlock } from '@coucou/application/blocks/delete-block';
import { listBlocks } from '@coucou/application/blocks/list-blocks';
import { putBlock } from '@coucou/application/blocks/put-block';
import { Blocks } from '@coucou/application/blocks/repositories';
import { bind } from '@coucou/application/kernel/operation';
import * as blocks from '@coucou/contracts/blocks/block';
import { blockErrors } from '@coucou/domain/blocks/block';
import { createBlockRepository } from '@coucou/postgres/blocks/block-repository';
import { createBlockReader } from '@coucou/postgres/blocks/block-reader';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { presentBlockPage } from '../friends/presenters.ts';

const nothing = () => {};

export const blocksFeature = feature({
  name: 'blocks',
  operations: [
    bind(blocks.putBlock, putBlock, nothing),
    bind(blocks.deleteBlock, deleteBlock, nothing),
    bind(blocks.listBlocks, listBlocks, presentBlockPage),
  ],
  errors: [blockErrors],
  storage: {
    repositories: [repository(Blocks, createBlockRepository)],
    readers: [reader(BlockReader, createBlockReader)],
  },
});
