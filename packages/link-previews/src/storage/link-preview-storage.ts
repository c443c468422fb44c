import { createAccountFlag } from '@coucou/postgres/kit/known-of-accounts';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { LinkPreviewRepository, PageHeads, PreviewingAccounts } from '../application/link-preview-repository.ts';
import { createLinkPreviewRepository } from './link-preview-repository.ts';
import { linkPreviewSchema } from './link-preview-schema.ts';
import { pageHeads } from './page-heads.ts';

const WANTS = 'select coalesce((select enabled from link_preview_policy), false) as has';

export const createPreviewingAccounts = (pool: SessionPool): PreviewingAccounts => createAccountFlag(pool, WANTS, 'link-previews-wanted');

export const linkPreviewStorage: StorageParts = {
  repositories: [repository(LinkPreviewRepository, createLinkPreviewRepository)],
  readers: [reader(PreviewingAccounts, createPreviewingAccounts), reader(PageHeads, () => pageHeads)],
  schema: linkPreviewSchema,
};
