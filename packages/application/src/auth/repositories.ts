import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import type { IdentityRepository } from '@coucou/domain/auth/identity-repository';
import type { SecurityEventRepository } from '@coucou/domain/auth/security-event';
import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import { token } from '../kernel/token.ts';

export const Sessions = token<SessionRepository>('Sessions');
export const Claims = token<ClaimRepository>('Claims');
export const SecurityEvents = token<SecurityEventRepository>('SecurityEvents');
export const Identities = token<IdentityRepository>('Identities');
