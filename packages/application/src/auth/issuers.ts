import { authActions } from '@coucou/domain/auth/audit-actions';
import { ExternalIssuer, issuerErrors, type IssuerRules } from '@coucou/domain/auth/external-issuer';
import { errors } from '@coucou/domain/kernel/errors';
import type { IssuerId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { rankOf } from '../accounts/authority-rank.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { ExternalTokens, type IssuerKey, type TokenVerdict } from '../ports/external-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { requireRecentSignIn } from './reauthenticate.ts';
import { Issuers, Sessions } from './repositories.ts';

const uow = unitOfWork({ issuers: Issuers, sessions: Sessions, auditLog: AuditLog });
const { most } = limits.issuers;

/** Throws `VALIDATION_FAILED`. That a host is public is known when it is called; see `checkIssuer`. */
function requireCallable(tokens: ExternalTokens, { issuer, jwksUrl }: Pick<ExternalIssuer, 'issuer' | 'jwksUrl'>): void {
  if (tokens.mayCall(jwksUrl ?? issuer)) return;
  throw errors.VALIDATION_FAILED([
    {
      path: [jwksUrl === undefined ? 'issuer' : 'jwksUrl'],
      rule: 'https',
      message: 'It must be an https: URL; the operator can allow internal hosts.',
    },
  ]);
}

export const listIssuers = adminUseCase({
  name: 'admin.listIssuers',
  deps: { uow },
  run: ({ uow: { read } }, _input: Readonly<Record<never, never>>, { account }) => read(account, (tx) => tx.issuers.list(most)),
});

export type RegisterIssuer = IssuerRules & Readonly<{ issuer: string }>;

export const registerIssuer = adminUseCase({
  name: 'admin.registerIssuer',
  deps: { uow, tokens: ExternalTokens, ...auditPorts },
  async run({ uow: { write }, tokens, ...ports }, given: RegisterIssuer, call): Promise<ExternalIssuer> {
    const { account: accountId, authority } = call;
    const now = ports.clock.now();
    const issuer = ExternalIssuer.register({ ...given, accountId, id: ports.ids.next(), rank: rankOf(authority), now });
    requireCallable(tokens, issuer);
    await write(accountId, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      if ((await tx.issuers.list(most)).length >= most) throw issuerErrors.LIMIT_REACHED({ most });
      if (!(await tx.issuers.add(issuer))) throw issuerErrors.TAKEN();
      await recordAudit(ports, tx, call, authActions.issuer_registered, { target: issuer.id, details: { issuer: issuer.issuer } });
    });
    return issuer;
  },
});

export type UpdateIssuer = IssuerRules & Readonly<{ issuerId: IssuerId }>;

/** Replaces the rules of an issuer. It stays the issuer that it is: the identities of its people are of this name. */
export const updateIssuer = adminUseCase({
  name: 'admin.updateIssuer',
  deps: { uow, tokens: ExternalTokens, ...auditPorts },
  run: ({ uow: { write }, tokens, ...ports }, { issuerId, ...rules }: UpdateIssuer, call): Promise<ExternalIssuer> =>
    write(call.account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      const current = await tx.issuers.lock(issuerId);
      if (current === undefined) throw issuerErrors.NOT_FOUND();
      const changed = ExternalIssuer.change(current, rules, rankOf(call.authority), ports.clock.now());
      requireCallable(tokens, changed);
      await tx.issuers.update(changed);
      await recordAudit(ports, tx, call, authActions.issuer_changed, { target: issuerId, details: { issuer: current.issuer } });
      return changed;
    }),
});

/** From now on none of its tokens is exchanged. Sessions that were opened by them live on. */
export const removeIssuer = adminUseCase({
  name: 'admin.removeIssuer',
  deps: { uow, ...auditPorts },
  async run({ uow: { write }, ...ports }, { issuerId }: Readonly<{ issuerId: IssuerId }>, call): Promise<void> {
    await write(call.account, async (tx) => {
      const removed = await tx.issuers.remove(issuerId);
      if (removed === undefined) throw issuerErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, authActions.issuer_removed, { target: issuerId, details: { issuer: removed.issuer } });
    });
  },
});

export type CheckIssuer = Readonly<{ issuerId: IssuerId; token?: string | undefined }>;
export type CheckedIssuer = Readonly<{ keys: readonly IssuerKey[]; verdict: TokenVerdict | undefined }>;

/** Says to who administers what nobody else is told: why the keys cannot be read, and what is wrong with a token. Consumes nothing. */
export const checkIssuer = adminUseCase({
  name: 'admin.checkIssuer',
  deps: { uow, tokens: ExternalTokens, clock: Clock },
  async run({ uow: { read }, tokens, clock }, { issuerId, token }: CheckIssuer, { account }): Promise<CheckedIssuer> {
    const issuer = await read(account, (tx) => tx.issuers.lookup(issuerId));
    if (issuer === undefined) throw issuerErrors.NOT_FOUND();
    const keys = await tokens.readKeys(issuer);
    return { keys, verdict: token === undefined ? undefined : await tokens.verify(token, issuer, clock.now()) };
  },
});
