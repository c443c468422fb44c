import { deleteDraft, getDraft, putDraft } from '@coucou/application/drafts/drafts';
import { Drafts } from '@coucou/application/drafts/repositories';
import { bind } from '@coucou/application/kernel/operation';
import * as drafts from '@coucou/contracts/drafts/drafts';
import { createDraftRepository } from '@coucou/postgres/drafts/draft-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { presentDraft } from './presenters.ts';

const nothing = () => {};

export const draftsFeature = feature({
  name: 'drafts',
  operations: [
    bind(drafts.getDraft, getDraft, presentDraft),
    bind(drafts.putDraft, putDraft, presentDraft),
    bind(drafts.deleteDraft, deleteDraft, nothing),
  ],
  storage: {
    repositories: [repository(Drafts, createDraftRepository)],
  },
});
