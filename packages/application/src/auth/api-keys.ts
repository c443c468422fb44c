import { ApiKey, apiKeyErrors } from '@coucou/domain/auth/api-key';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { errors } from '@coucou/domain/kernel/errors';
import type { ApiKeyId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Authority } from '../kernel/call.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { ApiKeyTexts, ApiScopes } from '../ports/programs.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { requireRecentSignIn } from './reauthenticate.ts';
import { ApiKeys, Sessions } from './repositories.ts';

/** A key with its text, which is shown once. */
export type IssuedApiKey = Readonly<{ apiKey: ApiKey; text: string }>;

const uow = unitOfWork({ apiKeys: ApiKeys, sessions: Sessions, auditLog: AuditLog });

/** A key hands on no more than it may do itself: neither to a new key nor by a new secret of another. */
function requireWithin(authority: Authority, scopes: readonly string[]): void {
  if (authority.by !== 'apiKey') return;
  const missing = scopes.filter((scope) => !authority.scopes.includes(scope));
  if (missing.length > 0) throw errors.FORBIDDEN({ reason: 'beyond the scopes of this API key', scopes: missing });
}

export type CreateApiKey = Readonly<{ name: string; scopes: readonly string[]; expiresInSeconds?: number | undefined }>;

export const createApiKey = adminUseCase({
  name: 'admin.createApiKey',
  deps: { uow, texts: ApiKeyTexts, known: ApiScopes, ...auditPorts },
  async run({ uow: { write }, texts, known, ...ports }, { name, scopes, expiresInSeconds }: CreateApiKey, call): Promise<IssuedApiKey> {
    const { account, authority, actor } = call;
    const unknown = scopes.filter((scope) => !known.has(scope));
    if (unknown.length > 0)
      throw errors.VALIDATION_FAILED([{ path: ['scopes'], rule: 'scope', message: `The scopes are ${[...known].toSorted().join(', ')}.` }]);
    requireWithin(authority, scopes);
    const now = ports.clock.now();
    const id = ports.ids.next<'apiKey'>();
    const { text, hash } = texts.issue({ account, id });
    const apiKey = ApiKey.create({
      accountId: account,
      id,
      name,
      scopes,
      secretHash: hash,
      createdBy: actor?.userId,
      now,
      ttlSeconds: expiresInSeconds,
    });
    await write(account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      const { most } = limits.apiKeys;
      if ((await tx.apiKeys.list(now, most)).length >= most) throw apiKeyErrors.LIMIT_REACHED({ most });
      await tx.apiKeys.add(apiKey);
      await recordAudit(ports, tx, call, authActions.api_key_created, { target: id, details: { name, scopes } });
    });
    return { apiKey, text };
  },
});

export const listApiKeys = adminUseCase({
  name: 'admin.listApiKeys',
  deps: { uow, clock: Clock },
  run: ({ uow: { read }, clock }, _input: Readonly<Record<never, never>>, { account }) =>
    read(account, (tx) => tx.apiKeys.list(clock.now(), limits.apiKeys.most)),
});

export type RotateApiKey = Readonly<{ apiKeyId: ApiKeyId; overlapSeconds: number }>;

export const rotateApiKey = adminUseCase({
  name: 'admin.rotateApiKey',
  deps: { uow, texts: ApiKeyTexts, ...auditPorts },
  async run({ uow: { write }, texts, ...ports }, { apiKeyId, overlapSeconds }: RotateApiKey, call): Promise<IssuedApiKey> {
    const { account, authority } = call;
    const now = ports.clock.now();
    const { text, hash } = texts.issue({ account, id: apiKeyId });
    const apiKey = await write(account, async (tx) => {
      await requireRecentSignIn(ports, tx, call);
      const current = await tx.apiKeys.lock(apiKeyId);
      if (current === undefined || !ApiKey.isLive(current, now)) throw apiKeyErrors.NOT_FOUND();
      requireWithin(authority, current.scopes);
      const rotated = ApiKey.rotate(current, hash, overlapSeconds, now);
      await tx.apiKeys.update(rotated);
      await recordAudit(ports, tx, call, authActions.api_key_rotated, { target: apiKeyId, details: { overlapSeconds } });
      return rotated;
    });
    return { apiKey, text };
  },
});

export const revokeApiKey = adminUseCase({
  name: 'admin.revokeApiKey',
  deps: { uow, ...auditPorts },
  async run({ uow: { write }, ...ports }, { apiKeyId }: Readonly<{ apiKeyId: ApiKeyId }>, call): Promise<void> {
    const now = ports.clock.now();
    await write(call.account, async (tx) => {
      const current = await tx.apiKeys.lock(apiKeyId);
      if (current === undefined || !ApiKey.isLive(current, now)) throw apiKeyErrors.NOT_FOUND();
      await tx.apiKeys.update({ ...current, revokedAt: now });
      await recordAudit(ports, tx, call, authActions.api_key_revoked, { target: apiKeyId });
    });
  },
});
