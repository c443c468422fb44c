import { passkeyLogin, passkeyLoginOptions } from '@coucou/application/auth/passkey-login';
import * as passkeys from '@coucou/application/auth/passkeys';
import { Passkeys } from '@coucou/application/auth/repositories';
import { bind } from '@coucou/application/kernel/operation';
import type { CreationOptions } from '@coucou/application/ports/passkey-verifier';
import * as contracts from '@coucou/contracts/auth/passkeys';
import { type Passkey, passkeyErrors } from '@coucou/domain/auth/passkey';
import { createPasskeyRepository } from '@coucou/postgres/auth/passkey-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import type { z } from 'zod';
import { feature } from '../feature.ts';
import { presentAuthenticated } from './presenters.ts';

/** Without its key and the authenticator's name for it, which are of no use to anybody else. */
const present = (passkey: Passkey): z.infer<typeof contracts.Passkey> => ({
  id: passkey.id,
  name: passkey.name,
  backedUp: passkey.backedUp,
  createdAt: passkey.createdAt.toISOString(),
  ...(passkey.lastUsedAt !== undefined && { lastUsedAt: passkey.lastUsedAt.toISOString() }),
});

const presentCreation = (options: CreationOptions): z.infer<(typeof contracts.passkeyRegisterOptions)['output'] & z.ZodType> => ({
  challenge: options.challenge,
  rp: options.rp,
  user: options.user,
  pubKeyCredParams: [...options.pubKeyCredParams],
  timeout: options.timeout,
  excludeCredentials: options.excludeCredentials.map(({ type, id, transports }) => ({ type, id, transports: [...transports] })),
  authenticatorSelection: options.authenticatorSelection,
  attestation: options.attestation,
});

/** Sign-in without a username, by what a device keeps and verifies its owner for (WebAuthn). */
export const passkeysFeature = feature({
  name: 'passkeys',
  operations: [
    bind(contracts.passkeyRegisterOptions, passkeys.passkeyRegisterOptions, presentCreation),
    bind(contracts.passkeyRegister, passkeys.passkeyRegister, present),
    bind(contracts.passkeyLoginOptions, passkeyLoginOptions, ({ challenge, rpId, timeout, userVerification }) => ({
      challenge,
      rpId,
      timeout,
      userVerification,
    })),
    bind(contracts.passkeyLogin, passkeyLogin, presentAuthenticated),
    bind(contracts.listPasskeys, passkeys.listPasskeys, (items) => ({ items: items.map(present) })),
    bind(contracts.removePasskey, passkeys.removePasskey, () => {}),
  ],
  errors: [passkeyErrors],
  storage: { repositories: [repository(Passkeys, createPasskeyRepository)] },
});
