import { AdminUserReader } from '@coucou/application/accounts/admin-user-reader';
import * as invites from '@coucou/application/accounts/account-invites';
import * as settings from '@coucou/application/accounts/account-settings';
import * as accountLimits from '@coucou/application/accounts/account-limits';
import * as accounts from '@coucou/application/accounts/administer-accounts';
import * as users from '@coucou/application/accounts/administer-users';
import { createUser } from '@coucou/application/accounts/create-user';
import { importUsers } from '@coucou/application/accounts/import-users';
import { getUser, listUsers } from '@coucou/application/accounts/list-users';
import * as apiKeys from '@coucou/application/auth/api-keys';
import * as tokens from '@coucou/application/auth/mint-token';
import { ApiKeys } from '@coucou/application/auth/repositories';
import { bind, bindFile } from '@coucou/application/kernel/operation';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { UserAdministration } from '@coucou/application/users/repositories';
import * as accountContracts from '@coucou/contracts/accounts/accounts';
import * as apiKeyContracts from '@coucou/contracts/accounts/api-keys';
import { importUsers as importContract } from '@coucou/contracts/accounts/import-users';
import * as limitContracts from '@coucou/contracts/accounts/limits';
import * as settingsContracts from '@coucou/contracts/accounts/settings';
import * as tokenContracts from '@coucou/contracts/accounts/tokens';
import * as userContracts from '@coucou/contracts/accounts/users';
import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { signupErrors } from '@coucou/domain/accounts/signup-rules';
import { apiKeyErrors } from '@coucou/domain/auth/api-key';
import { createAdminUserReader } from '@coucou/postgres/accounts/admin-user-reader';
import { createApiKeyRepository } from '@coucou/postgres/auth/api-key-repository';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createUserAdministrationRepository } from '@coucou/postgres/users/administration-repository';
import { presentAuthenticated } from '../auth/presenters.ts';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { importLines, presentImport } from './import-lines.ts';
import { presentApiKeys, presentIssuedApiKey } from './api-key-presenters.ts';
import { presentOwnUser } from '../users/presenters.ts';
import { presentAccount, presentAdminUser, presentInvite, presentLimits, presentSettings, presentUserSessions } from './presenters.ts';

/** What the chain answers is a function of the lines, which the transport calls once it has them. */
const importOperation = adminUseCase({
  name: importUsers.name,
  deps: importUsers.deps,
  async run(ports, input: Readonly<{ dryRun: boolean; fromLine: number }>, call) {
    const run = await importUsers.run(ports, input, call);
    return async (lines: AsyncIterable<Buffer>) => presentImport(await run(importLines(lines, input.fromLine)));
  },
});

/** What owners and admins do in their account, and its servers by API key. */
export const accountsFeature = feature({
  name: 'accounts',
  operations: [
    bind(apiKeyContracts.createApiKey, apiKeys.createApiKey, presentIssuedApiKey),
    bind(apiKeyContracts.listApiKeys, apiKeys.listApiKeys, presentApiKeys),
    bind(apiKeyContracts.rotateApiKey, apiKeys.rotateApiKey, presentIssuedApiKey),
    bind(apiKeyContracts.revokeApiKey, apiKeys.revokeApiKey, () => {}),
    bind(userContracts.listUsers, listUsers, presentPage(presentAdminUser)),
    bind(userContracts.getUser, getUser, presentAdminUser),
    bind(userContracts.createUser, createUser, presentAdminUser),
    bind(userContracts.suspendUser, users.suspendUser, () => {}),
    bind(userContracts.restoreUser, users.restoreUser, () => {}),
    bind(userContracts.setUserRole, users.setUserRole, presentOwnUser),
    bind(userContracts.listUserSessions, users.listUserSessions, presentUserSessions),
    bind(userContracts.revokeUserSession, users.revokeUserSession, () => {}),
    bind(userContracts.revokeUserSessions, users.revokeUserSessions, ({ revoked }) => ({ revoked })),
    bind(tokenContracts.mintToken, tokens.mintToken, presentAuthenticated),
    bind(tokenContracts.mintTokenFor, tokens.mintTokenFor, presentAuthenticated),
    bindFile(importContract, importOperation),
    bind(settingsContracts.getSettings, settings.getAccountSettings, presentSettings),
    bind(settingsContracts.putSettings, settings.putAccountSettings, presentSettings),
    bind(settingsContracts.createInvite, invites.createAccountInvite, presentInvite),
    bind(settingsContracts.revokeInvite, invites.revokeAccountInvite, ({ revoked }) => ({ revoked })),
    bind(accountContracts.createAccount, accounts.createAccount, presentAccount),
    bind(accountContracts.suspendAccount, accounts.suspendAccount, () => {}),
    bind(accountContracts.restoreAccount, accounts.restoreAccount, () => {}),
    bind(limitContracts.getOwnLimits, accountLimits.getOwnLimits, presentLimits),
    bind(limitContracts.getAccountLimits, accountLimits.getAccountLimits, presentLimits),
    bind(limitContracts.putAccountLimits, accountLimits.putAccountLimits, presentLimits),
  ],
  auditActions: [accountActions],
  errors: [apiKeyErrors, signupErrors],
  storage: {
    repositories: [repository(ApiKeys, createApiKeyRepository), repository(UserAdministration, createUserAdministrationRepository)],
    readers: [reader(AdminUserReader, createAdminUserReader)],
  },
});
