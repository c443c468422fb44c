import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { Pacing, RetentionArchives, RetentionReader, Retentions, Trims } from '../application/retention-repository.ts';
import { createArchiveRepository } from './archive-repository.ts';
import { createPacing } from './pacing.ts';
import { createRetentionReader } from './retention-reader.ts';
import { createRetentionRepository } from './retention-repository.ts';
import { retentionSchema } from './retention-schema.ts';
import { createTrimRepository } from './trim-repository.ts';

/** A quarter of one connection, and of what the database does for it. */
const LOAD = 0.25;

export const retentionStorage: StorageParts = {
  repositories: [
    repository(Retentions, createRetentionRepository),
    repository(Trims, createTrimRepository),
    repository(RetentionArchives, createArchiveRepository),
  ],
  readers: [reader(RetentionReader, createRetentionReader), reader(Pacing, () => createPacing(LOAD))],
  schema: retentionSchema,
};
