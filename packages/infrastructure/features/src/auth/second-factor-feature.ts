import { answerChallenge } from '@coucou/application/auth/answer-challenge';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { SecondFactors } from '@coucou/application/auth/repositories';
import * as totp from '@coucou/application/auth/totp';
import { bind } from '@coucou/application/kernel/operation';
import * as contracts from '@coucou/contracts/auth/second-factor';
import { secondFactorErrors } from '@coucou/domain/auth/second-factor';
import { createSecondFactorRepository } from '@coucou/postgres/auth/second-factor-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { presentAnswered } from './presenters.ts';

const presentCodes = ({ recoveryCodes }: Readonly<{ recoveryCodes: readonly string[] }>) => ({ recoveryCodes: [...recoveryCodes] });

/** Authenticator apps and recovery codes. */
export const secondFactorFeature = feature({
  name: 'secondFactor',
  operations: [
    bind(contracts.answerChallenge, answerChallenge, presentAnswered),
    bind(contracts.listSecondFactors, totp.listSecondFactors, ({ totp: hasTotp, recoveryCodes, passkeys }) => ({
      totp: hasTotp,
      recoveryCodes,
      passkeys,
    })),
    bind(contracts.enrollTotp, enrollTotp, ({ secret, uri }) => ({ secret, uri })),
    bind(contracts.confirmTotp, totp.confirmTotp, presentCodes),
    bind(contracts.disableTotp, totp.disableTotp, () => {}),
    bind(contracts.renewRecoveryCodes, totp.renewRecoveryCodes, presentCodes),
  ],
  errors: [secondFactorErrors],
  storage: {
    repositories: [repository(SecondFactors, createSecondFactorRepository)],
  },
});
