import { AuditReader } from '@coucou/application/audit/audit-reader';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';

/** What was done to somebody or something, by its id: the newest first, a hundred at most. */
export const auditOf = async (
  app: Readonly<{ container: Pick<Container, 'resolve'> }>,
  account: AccountId,
  targetId: string,
): Promise<readonly AuditEntry[]> =>
  (await app.container.resolve(AuditReader).list(account, { targetId }, { limit: 100, cursor: undefined })).items;

/** The same in a word each. */
export const actionsOn = async (...of: Parameters<typeof auditOf>): Promise<string[]> => (await auditOf(...of)).map(({ action }) => action);
