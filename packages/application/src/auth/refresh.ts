import { authActions } from '@coucou/domain/auth/audit-actions';
import { authErrors, Session, type SessionLifetimes } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import type { Instant } from '@coucou/domain/kernel/ids';
import { isPast } from '@coucou/domain/kernel/time';
import { recordAudit } from '../audit/record-audit.ts';
import { requireNamedAccount } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { metrics as catalogue } from '../metrics/catalogue.ts';
import { Metrics } from '../ports/metrics.ts';
import { SessionUses } from '../ports/session-checks.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { endSessions } from './end-sessions.ts';
import {
  type Authenticated,
  grantOf,
  lifetimesOf,
  type Opened,
  requireActive,
  sessionPorts,
  sessionRepositories,
  withAccessToken,
} from './open-session.ts';
import { proveKey, refusalOfProof } from './prove-key.ts';
import { RefusedProofs } from './refused-proofs.ts';

/** Without a token in the input it is that of the call's cookie. */
export type Refresh = Readonly<{ refreshToken?: string | undefined }>;

/** `recovered`: the answer to an earlier refresh, once more. */
export type Refreshed = Authenticated & Readonly<{ refresh: 'rotated' | 'recovered' }>;

const refreshPorts = { ...sessionPorts, uses: SessionUses, refusedProofs: RefusedProofs };

/**
 * One locked row and one update. Of concurrent uses of a token one rotates the session, and the others recover its successor. What a spent
 * token is good for is decided by `Session.decideRefresh`.
 */
export const refresh = publicUseCase({
  name: 'auth.refresh',
  deps: { uow: unitOfWork(sessionRepositories), metrics: Metrics, ...refreshPorts },
  async run({ uow, metrics, ...ports }, input: Refresh, call): Promise<Refreshed> {
    const spent = input.refreshToken ?? call.refreshCookie;
    if (spent === undefined) throw errors.UNAUTHENTICATED({ reason: 'there is no refresh token in the body, and none in a cookie' });
    const presented = ports.refreshTokens.open(spent);
    if (presented === undefined) throw errors.UNAUTHENTICATED();
    const { account, sessionId } = presented;
    requireNamedAccount(call, account);
    const outcome = await uow.write(account, async (tx) => {
      const now = ports.clock.now();
      const known = await tx.sessions.lock(sessionId);
      if (known === undefined) throw errors.UNAUTHENTICATED();
      if (known.revoked !== undefined) throw authErrors.SESSION_REVOKED();
      const { userId } = known;
      const refused = await refusalOfProof(ports, tx, known, call);
      if (refused !== undefined) {
        const details = { code: refused.code, token: 'refresh' };
        if (ports.refusedProofs.isNews(sessionId, 'refresh', refused.code))
          await recordAudit(ports, tx, { ...call, account }, authActions.dpop_refused, { target: userId, sessionId, details });
        return { refused };
      }
      const session = { ...known, usedRotation: Math.max(known.usedRotation, ports.uses.rotationOf(sessionId)) };
      const decision = Session.decideRefresh(
        session,
        { rotation: presented.rotation, tokenHash: presented.hash },
        now,
        ports.settings.refreshGraceSeconds,
      );
      if (decision === 'unknown') throw errors.UNAUTHENTICATED();
      if (decision === 'replay') {
        await endSessions(tx, { userId, only: [sessionId] }, 'replayed');
        await recordAudit(ports, tx, { ...call, account }, authActions.refresh_token_replayed, { target: userId, sessionId });
        return { refused: authErrors.REFRESH_TOKEN_REUSED() };
      }
      if (isPast(session.expiresAt, now)) throw errors.UNAUTHENTICATED();
      const user = await tx.users.lookup(userId);
      if (user === undefined) throw errors.UNAUTHENTICATED();
      const settings = await requireActive(tx, userId);
      const opened = { user, ...grantOf(settings, user, session.method) };
      // One from before the account bound its sessions is bound now, rather than ended.
      const isBoundNow = settings.boundSessions && session.keyThumbprint === undefined;
      const bound = isBoundNow ? { ...session, keyThumbprint: await proveKey(ports, tx, call) } : session;
      if (decision === 'recover') {
        const refreshToken = ports.refreshTokens.openSuccessor(spent, session.previous?.sealedSuccessor ?? '');
        if (isBoundNow) await tx.sessions.updateRotation(bound);
        return { refresh: 'recovered' as const, opened: { ...opened, session: bound, refreshToken } };
      }
      const rotated = rotatedSession(ports, bound, spent, now, lifetimesOf(settings, ports.settings));
      await tx.sessions.updateRotation(rotated.session);
      return { refresh: 'rotated' as const, opened: { ...opened, ...rotated } };
    });
    const isReplay = outcome.refused?.code === authErrors.REFRESH_TOKEN_REUSED.code;
    metrics.counter(catalogue.refreshes, { outcome: outcome.refresh ?? (isReplay ? 'replayed' : 'refused') }).add();
    if (outcome.refused !== undefined) throw outcome.refused;
    return { ...(await withAccessToken(ports.access, outcome.opened)), refresh: outcome.refresh };
  },
});

function rotatedSession(
  { refreshTokens }: Pick<Ports<typeof refreshPorts>, 'refreshTokens'>,
  session: Session,
  spent: string,
  now: Instant,
  lifetimes: SessionLifetimes,
): Pick<Opened, 'session' | 'refreshToken'> {
  const { accountId: account, id: sessionId, rotation } = session;
  const { token, hash } = refreshTokens.issue({ account, sessionId, rotation: rotation + 1 });
  const successor = { tokenHash: hash, sealed: refreshTokens.sealSuccessor(spent, token) };
  return { session: Session.rotate(session, successor, now, lifetimes), refreshToken: token };
}
