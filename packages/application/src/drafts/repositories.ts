import type { DraftRepository } from '@coucou/domain/drafts/draft-repository';
import { token } from '../kernel/token.ts';

export const Drafts = token<DraftRepository>('Drafts');
