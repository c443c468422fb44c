import { token } from '@coucou/application/kernel/token';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { KnownPage, PageHead } from '../domain/link-preview.ts';

/** What the unit of work's account knows of pages, and whether it wants to. */
export interface LinkPreviewRepository {
  find(urls: readonly string[]): Promise<KnownPage[]>;
  /** In the place of what was known of the page. */
  put(page: KnownPage): Promise<void>;
  /** Removes what was fetched before; answers how many. */
  trim(before: Instant, most: number): Promise<number>;
  isEnabled(): Promise<boolean>;
  /** False where it was so already. */
  enable(account: AccountId, enabled: boolean): Promise<boolean>;
}
export const LinkPreviewRepository = token<LinkPreviewRepository>('LinkPreviewRepository');

/** What this process knows of accounts that want previews. */
export interface PreviewingAccounts {
  /** The answer may be up to five seconds old, where another node changed it. */
  has(account: AccountId): Promise<boolean>;
  /** It may have changed: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}
export const PreviewingAccounts = token<PreviewingAccounts>('PreviewingAccounts');

/** Reads HTML of strangers, however broken it is. */
export interface PageHeads {
  read(html: string): PageHead;
}
export const PageHeads = token<PageHeads>('PageHeads');
