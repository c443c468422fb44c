import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import { getLinkPreviews, putLinkPreviews } from './application/administer-link-previews.ts';
import { linksFound } from './application/link-preview-events.ts';
import { findChangedLinks, findLinks, previewLinks } from './application/preview-links.ts';
import { forgetPages } from './application/upkeep.ts';
import { LinkPreviews } from './contracts/link-preview.ts';
import * as contracts from './contracts/operations.ts';
import { linkPreviewActions } from './domain/audit-actions.ts';
import { linkPreviewStorage } from './storage/link-preview-storage.ts';

const asItIs = (policy: Readonly<{ enabled: boolean }>) => policy;

/** Link previews: what the pages say of themselves that messages link to, where an account wants that. */
export const linkPreviewsFeature = feature({
  name: 'linkPreviews',
  operations: [bind(contracts.getLinkPreviews, getLinkPreviews, asItIs), bind(contracts.putLinkPreviews, putLinkPreviews, asItIs)],
  auditActions: [linkPreviewActions],
  events: [wired(linksFound, {}, {})],
  messageParts: { linkPreviews: LinkPreviews },
  subscribers: [findLinks, findChangedLinks, previewLinks],
  jobs: [forgetPages],
  storage: linkPreviewStorage,
});
