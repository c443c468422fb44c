import { exchangeToken } from '@coucou/application/auth/exchange-token';
import * as issuers from '@coucou/application/auth/issuers';
import { Issuers } from '@coucou/application/auth/repositories';
import { bind } from '@coucou/application/kernel/operation';
import * as issuerContracts from '@coucou/contracts/accounts/issuers';
import { exchangeToken as exchangeContract } from '@coucou/contracts/auth/exchange-token';
import { externalTokenErrors, issuerErrors } from '@coucou/domain/auth/external-issuer';
import { createIssuerRepository } from '@coucou/postgres/auth/issuer-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { presentAuthenticated } from '../auth/presenters.ts';
import { feature } from '../feature.ts';
import { presentCheckedIssuer, presentIssuer, presentIssuers } from './issuer-presenters.ts';

/** Tokens of an account's own issuers, exchanged for sessions. */
export const issuersFeature = feature({
  name: 'issuers',
  operations: [
    bind(exchangeContract, exchangeToken, presentAuthenticated),
    bind(issuerContracts.listIssuers, issuers.listIssuers, presentIssuers),
    bind(issuerContracts.registerIssuer, issuers.registerIssuer, presentIssuer),
    bind(issuerContracts.updateIssuer, issuers.updateIssuer, presentIssuer),
    bind(issuerContracts.removeIssuer, issuers.removeIssuer, () => {}),
    bind(issuerContracts.checkIssuer, issuers.checkIssuer, presentCheckedIssuer),
  ],
  errors: [issuerErrors, externalTokenErrors],
  storage: { repositories: [repository(Issuers, createIssuerRepository)] },
});
