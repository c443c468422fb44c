import { token } from '../kernel/token.ts';
import type { RequestDigests } from './request-digests.ts';

/** UUIDs of what others name. */
export type NamedIds = Pick<RequestDigests, 'uuid'>;
export const NamedIds = token<NamedIds>('NamedIds');
