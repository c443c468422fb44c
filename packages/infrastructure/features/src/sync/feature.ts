import { bind } from '@coucou/application/kernel/operation';
import { HeadReader } from '@coucou/application/ports/head-reader';
import { sync as syncUseCase } from '@coucou/application/sync/sync';
import { SyncReader } from '@coucou/application/sync/sync-reader';
import { heads, syncRequired } from '@coucou/contracts/sync/events';
import { sync as syncContract } from '@coucou/contracts/sync/sync';
import { reader } from '@coucou/postgres/kit/storage-parts';
import { createHeadReader } from '@coucou/postgres/sync/head-reader';
import { createSyncReader } from '@coucou/postgres/sync/sync-reader';
import { feature } from '../feature.ts';
import { presentSync } from './presenters.ts';

export const syncFeature = feature({
  name: 'sync',
  operations: [bind(syncContract, syncUseCase, presentSync)],
  connectionEvents: [heads, syncRequired],
  storage: {
    readers: [reader(SyncReader, (_pool, { reads, epoch }) => createSyncReader(reads.synced, epoch)), reader(HeadReader, createHeadReader)],
  },
});
