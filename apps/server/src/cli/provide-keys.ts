import { SessionSettings } from '@coucou/application/auth/session-settings';
import { KeyRotation } from '@coucou/application/ports/key-rotation';
import { Clock } from '@coucou/application/ports/clock';
import { Proofs } from '@coucou/application/ports/proofs';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { AccessTokens, RefreshTokens } from '@coucou/application/ports/tokens';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { createAccessTokens } from '@coucou/security/access-tokens';
import { createProofs } from '@coucou/security/proofs';
import { createRefreshTokens } from '@coucou/security/refresh-tokens';
import { createSealedTokens } from '@coucou/security/sealed-tokens';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';
import { ownSecretKey } from '../start/data-dir.ts';

/** The keys that sign and seal tokens, for commands that work beside a server. */
export async function provideKeys(container: Container, config: Config): Promise<void> {
  const secret = config.secretKey ?? (await ownSecretKey(config.dataDir));
  const tokens = await createAccessTokens({
    transactions: container.resolve(Transactions),
    secret,
    issuer: config.publicUrl ?? 'coucou',
    audience: 'coucou',
    ttlSeconds: config.accessTokenTtlSeconds,
    keyLifetimeSeconds: config.signingKeyLifetimeSeconds,
  });
  container.provide(KeyRotation, () => tokens);
  container.provide(AccessTokens, () => tokens);
  container.provide(RefreshTokens, () => createRefreshTokens(secret));
  // Nobody proves anything from a command line; a session is opened through the same ports all the same.
  container.provide(Proofs, (resolve) => createProofs({ secret, clock: resolve(Clock), address: () => config.publicUrl ?? '' }));
  container.provide(SealedTokens, () => createSealedTokens(secret));
  for (const { port, value } of config.features) if (port === SessionSettings) container.provide(port, () => value);
}
