import { exchangeOauth } from '@coucou/application/auth/exchange-oauth';
import { finishOauth } from '@coucou/application/auth/finish-oauth';
import { linkIdentity, listIdentities, unlinkIdentity } from '@coucou/application/auth/identities';
import { listProviders } from '@coucou/application/auth/list-providers';
import { Identities } from '@coucou/application/auth/repositories';
import { startOauth } from '@coucou/application/auth/start-oauth';
import { bind, bindRedirect } from '@coucou/application/kernel/operation';
import * as identityContracts from '@coucou/contracts/auth/identities';
import * as oauthContracts from '@coucou/contracts/auth/oauth';
import { identityErrors } from '@coucou/domain/auth/identity';
import { createIdentityRepository } from '@coucou/postgres/auth/identity-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { presentIdentities, presentIdentity, presentProviders } from './identity-presenters.ts';
import { oauthSettings } from './oauth-settings.ts';
import { presentAuthenticated } from './presenters.ts';

export const identitiesFeature = feature({
  name: 'identities',
  operations: [
    bind(oauthContracts.oauthProviders, listProviders, presentProviders),
    bindRedirect(oauthContracts.oauthStart, startOauth),
    bindRedirect(oauthContracts.oauthCallback, finishOauth),
    bind(oauthContracts.oauthExchange, exchangeOauth, presentAuthenticated),
    bind(identityContracts.listIdentities, listIdentities, presentIdentities),
    bind(
      identityContracts.linkIdentity,
      linkIdentity,
      ({ identity }) => presentIdentity(identity),
      ({ existed }) => existed,
    ),
    bind(identityContracts.unlinkIdentity, unlinkIdentity, () => {}),
  ],
  errors: [identityErrors],
  settings: oauthSettings,
  storage: { repositories: [repository(Identities, createIdentityRepository)] },
});
