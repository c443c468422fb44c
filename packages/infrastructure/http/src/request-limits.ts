import type { CallLimits } from '@coucou/application/kernel/call-limits';
import type { Quota } from '@coucou/application/ports/traffic-limiter';
import type { ChatError } from '@coucou/domain/kernel/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { addressOf, type Authenticate } from './authenticate.ts';

/** A quota policy and how it stands, in the terms of the `RateLimit` fields. */
type QuotaFields = Readonly<{ policies: string[]; limit: string }>;

declare module 'fastify' {
  interface FastifyRequest {
    /** The quotas that this request took from. */
    quotas: QuotaFields[] | undefined;
  }
}

const nameOf = ({ rule }: Quota, windowSeconds: number): string => (rule.rates.length === 1 ? rule.name : `${rule.name}-${windowSeconds}`);

function note(request: FastifyRequest, quota: Quota): void {
  const { rule, rate, remaining, retryAfterMs, fullInMs } = quota;
  const seconds = Math.ceil((remaining === 0 ? retryAfterMs : fullInMs) / 1_000);
  (request.quotas ??= []).push({
    policies: rule.rates.map(({ limit, windowSeconds }) => `"${nameOf(quota, windowSeconds)}";q=${limit};w=${windowSeconds}`),
    limit: `"${nameOf(quota, rate.windowSeconds)}";r=${remaining};t=${seconds}`,
  });
}

/** A refusal of another limit than those of requests, such as wrong passwords: nothing is left until it says so. */
export function noteRefusal(request: FastifyRequest, { details }: ChatError, retryAfter = 0): void {
  const { policy, limit, window } = details as Readonly<Record<string, unknown>>;
  if (policy !== undefined || typeof limit !== 'number' || typeof window !== 'number') return;
  (request.quotas ??= []).push({ policies: [`"tries";q=${limit};w=${window}`], limit: `"tries";r=0;t=${retryAfter}` });
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): `r` are left, and after `t` seconds all are back, or one where none is left. */
export function writeQuotas({ quotas }: FastifyRequest, reply: FastifyReply): void {
  if (quotas === undefined) return;
  reply.header('ratelimit-policy', quotas.flatMap(({ policies }) => policies).join(', '));
  reply.header('ratelimit', quotas.map(({ limit }) => limit).join(', '));
}

const takeFor =
  (limits: CallLimits) =>
  async (request: FastifyRequest, asked: ReturnType<CallLimits['takeRequest']>): Promise<void> => {
    const quota = await asked;
    if (quota === undefined) return;
    note(request, quota);
    if (!quota.isAllowed) throw limits.refusal(quota);
  };

/** The limit of files by signed URL, of the network that asks: the URL says for whom it was made, and not who uses it. */
export function limitFiles(limits: CallLimits | undefined): (request: FastifyRequest) => Promise<void> {
  if (limits === undefined) return async () => {};
  const take = takeFor(limits);
  return (request) => take(request, limits.takeFile(addressOf(request)));
}

/**
 * Authentication with the limit of requests after it, before the body is read: of who calls, or of the network where nobody is recognised, so that
 * trying tokens is limited as well.
 */
export function limitCallers(authenticate: Authenticate, limits: CallLimits | undefined): Authenticate {
  if (limits === undefined) return authenticate;
  const take = takeFor(limits);

  return async (request, operation) => {
    const call = await authenticate(request, operation).catch(async (error: unknown) => {
      await take(request, limits.takeUnrecognised(addressOf(request)));
      throw error;
    });
    await take(request, limits.takeRequest(call));
    return { ...call, noteQuota: (quota) => note(request, quota) };
  };
}
