import type { ApiKeyRepository } from '@coucou/domain/auth/api-key-repository';
import type { ClaimRepository } from '@coucou/domain/auth/claim-repository';
import type { CredentialRepository } from '@coucou/domain/auth/credential-repository';
import type { IssuerRepository } from '@coucou/domain/auth/issuer-repository';
import type { IdentityRepository } from '@coucou/domain/auth/identity-repository';
import type { PasskeyRepository } from '@coucou/domain/auth/passkey';
import type { SecondFactorRepository } from '@coucou/domain/auth/second-factor';
import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import { token } from '../kernel/token.ts';

export const Sessions = token<SessionRepository>('Sessions');
export const ApiKeys = token<ApiKeyRepository>('ApiKeys');
export const Claims = token<ClaimRepository>('Claims');
export const SecondFactors = token<SecondFactorRepository>('SecondFactors');
export const Passkeys = token<PasskeyRepository>('Passkeys');
export const Credentials = token<CredentialRepository>('Credentials');
export const Issuers = token<IssuerRepository>('Issuers');
export const Identities = token<IdentityRepository>('Identities');
