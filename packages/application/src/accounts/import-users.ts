import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { ChatError } from '@coucou/domain/kernel/errors';
import { User, userErrors } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { ImportedHashes } from '../ports/imported-hashes.ts';
import { SessionChecks } from '../ports/session-checks.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';

export type ImportedUser = Readonly<{
  username: string;
  externalId?: string | undefined;
  email?: string | undefined;
  emailVerified: boolean;
  displayName?: string | undefined;
  /** As another system made it of their password. */
  passwordHash?: string | undefined;
}>;

export type Refusal = Readonly<{ code: string; error: string; details: unknown }>;
/** One line of what is imported, as it was read. */
export type ImportLine = Readonly<{ line: number }> & (Readonly<{ user: ImportedUser }> | Readonly<{ refused: Refusal }>);

export type ImportReport = Readonly<{
  /** Lines that were read, created, and found to be there already. */
  read: number;
  created: number;
  existing: number;
  refused: readonly (Readonly<{ line: number }> & Refusal)[];
  /** Where the import ended before its end, since too much was refused: a corrected file resumes from here. */
  stoppedAt: number | undefined;
}>;

/** Does the import; what a transport hands the lines to. */
export type RunImport = (lines: AsyncIterable<ImportLine>) => Promise<ImportReport>;

const BATCH = 100;
/** Refusals of one report. */
const MOST_REFUSED = 1_000;

const repositories = { users: Users, administration: UserAdministration, auditLog: AuditLog };
const importPorts = { uow: unitOfWork(repositories), hashes: ImportedHashes, checks: SessionChecks, ...auditPorts };
type Given = Ports<typeof importPorts>;
type Tx = Writing<Ports<typeof repositories>>;
type Outcome = 'created' | 'existing' | Refusal;

const refusalOf = ({ code, message, details }: ChatError): Refusal => ({ code, error: message, details });
const HASH_REFUSED: Refusal = {
  code: 'PASSWORD_HASH_REFUSED',
  error: 'Send argon2 (PHC), bcrypt or scrypt, with parameters that are not out of proportion.',
  details: {},
};

/** Matches by external id, or by username and address, so that an import is idempotent. */
async function isThere(tx: Tx, { externalId, username, email }: ImportedUser): Promise<boolean> {
  if (externalId !== undefined && (await tx.administration.findByExternalId(externalId)) !== undefined) return true;
  const named = (await tx.users.lookupByIdentifier(username))?.user;
  if (named !== undefined && User.usernameKey(named.username) === User.usernameKey(username)) {
    const isSame = email !== undefined && named.email !== undefined && User.emailKey(email) === User.emailKey(named.email);
    if (externalId === undefined && isSame) return true;
    throw userErrors.USERNAME_TAKEN();
  }
  if (email !== undefined && (await tx.users.lookupByIdentifier(email)) !== undefined) throw userErrors.EMAIL_TAKEN();
  return false;
}

async function importOne(ports: Given, tx: Tx, given: ImportedUser, call: AdminCall, dryRun: boolean): Promise<Outcome> {
  const { username, email, emailVerified, displayName, externalId, passwordHash } = given;
  const kept = passwordHash === undefined ? undefined : ports.hashes.accept(passwordHash);
  if (passwordHash !== undefined && kept === undefined) return HASH_REFUSED;
  const isVerified = email !== undefined && emailVerified;
  const now = ports.clock.now();
  const user = User.signUp({ accountId: call.account, id: ports.ids.next(), username, email, emailVerified: isVerified, displayName, now });
  if (await isThere(tx, given)) return 'existing';
  if (dryRun) return 'created';
  await tx.users.add(user, kept);
  if (externalId !== undefined) await tx.administration.setExternalId(user.id, externalId);
  return 'created';
}

/** In one transaction, and where that is refused each by itself: a violated constraint ends a transaction. */
async function importBatch(ports: Given, users: readonly ImportedUser[], call: AdminCall, dryRun: boolean): Promise<Outcome[]> {
  const attempt = (some: readonly ImportedUser[]): Promise<Outcome[]> =>
    ports.uow.write(call.account, async (tx) => {
      const outcomes: Outcome[] = [];
      for (const user of some) outcomes.push(await importOne(ports, tx, user, call, dryRun));
      return outcomes;
    });
  const refusing = (error: unknown): Outcome[] => {
    if (error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal') return [refusalOf(error)];
    throw error;
  };
  try {
    return await attempt(users);
  } catch (error) {
    if (users.length === 1) return refusing(error);
    refusing(error);
  }
  const outcomes: Outcome[] = [];
  for (const user of users) outcomes.push(...(await attempt([user]).catch(refusing)));
  return outcomes;
}

/** Within one import: a dry run writes nothing that the next line would meet. */
function createSeen() {
  const seen = new Set<string>();
  return ({ username, email, externalId }: ImportedUser): Refusal | undefined => {
    const keys: (readonly [
      string,
      typeof userErrors.USERNAME_TAKEN | typeof userErrors.EMAIL_TAKEN | typeof userErrors.EXTERNAL_ID_TAKEN,
    ])[] = [
      [`u${User.usernameKey(username)}`, userErrors.USERNAME_TAKEN],
      ...(email === undefined ? [] : ([[`e${User.emailKey(email)}`, userErrors.EMAIL_TAKEN]] as const)),
      ...(externalId === undefined ? [] : ([[`x${externalId}`, userErrors.EXTERNAL_ID_TAKEN]] as const)),
    ];
    const taken = keys.find(([key]) => seen.has(key));
    for (const [key] of keys) seen.add(key);
    return taken && refusalOf(taken[1]({ reason: 'an earlier line' }));
  };
}

export const importUsers = adminUseCase({
  name: 'admin.importUsers',
  deps: importPorts,
  run: async (ports, { dryRun }: Readonly<{ dryRun: boolean }>, call): Promise<RunImport> =>
    async function runImport(lines) {
      const seen = createSeen();
      const refused: (Readonly<{ line: number }> & Refusal)[] = [];
      const counts = { read: 0, created: 0, existing: 0 };
      let waiting: { line: number; user: ImportedUser }[] = [];
      let stoppedAt: number | undefined;
      const flush = async (): Promise<void> => {
        const batch = waiting;
        waiting = [];
        // Lines may come for hours: nobody goes on whose session has ended, as it does with the role.
        if (call.actor !== undefined) ports.checks.check({ account: call.account, actor: call.actor });
        const outcomes =
          batch.length === 0
            ? []
            : await importBatch(
                ports,
                batch.map(({ user }) => user),
                call,
                dryRun,
              );
        for (const [index, outcome] of outcomes.entries()) {
          if (typeof outcome === 'string') counts[outcome] += 1;
          else refused.push({ line: batch[index]?.line ?? 0, ...outcome });
        }
      };
      try {
        for await (const each of lines) {
          if (refused.length >= MOST_REFUSED) {
            stoppedAt = each.line;
            break;
          }
          counts.read += 1;
          const twice = 'user' in each ? seen(each.user) : undefined;
          if ('refused' in each) refused.push({ line: each.line, ...each.refused });
          else if (twice !== undefined) refused.push({ line: each.line, ...twice });
          else waiting.push({ line: each.line, user: each.user });
          if (waiting.length >= BATCH) await flush();
        }
        await flush();
      } finally {
        // Also of one that is broken off: whom it made is there.
        if (!dryRun && counts.created > 0)
          await ports.uow.write(call.account, (tx) =>
            recordAudit(ports, tx, call, accountActions.users_imported, { details: { ...counts, refused: refused.length } }),
          );
      }
      return { ...counts, refused: refused.toSorted((a, b) => a.line - b.line), stoppedAt };
    },
});
