import { blockedSteps, describeNode, isOlder, type RunningNode } from '@coucou/postgres/schema/needs';

/** What an upgrade to `version` finds. */
export type UpgradeFound = Readonly<{
  version: string;
  pending: readonly string[];
  /** Of those pending that take something away: the version that every server must have. */
  needs: Readonly<Record<string, string>>;
  /** What newer versions applied. */
  ahead: readonly string[];
  nodes: readonly RunningNode[];
}>;

export type Verdict = Readonly<{
  /** The servers may be replaced one after the other, while others serve. */
  mayRoll: boolean;
  /** Why not, and what to do. */
  reasons: readonly Readonly<{ found: string; fix: string }>[];
  /** How to upgrade, in this order. */
  steps: readonly string[];
}>;

const FOLDING = 'coucou/folding';

const listed = (nodes: readonly RunningNode[]): string => nodes.map(describeNode).join(', ');
const migrating = (pending: readonly string[]): string => `pnpm cli migrate (${pending.length} change${pending.length === 1 ? '' : 's'})`;

const REPLACE =
  'replace the servers one after the other: SIGTERM, wait until the process has ended, start the new version, wait until its /health/ready answers 200';

/** Whether servers of an older version may go on while the database is migrated and they are replaced. */
export function judgeUpgrade({ version, pending, needs, ahead, nodes }: UpgradeFound): Verdict {
  const reasons = blockedSteps(needs, nodes).map(({ name, needs: least, nodes: older }) =>
    name === FOLDING
      ? {
          found: `${version} compares text in another way, so names and messages are written again, and what older servers write meanwhile would not be found: ${listed(older)}`,
          fix: 'stop these servers before the migration',
        }
      : {
          found: `${name} takes away what versions before ${least} use: ${listed(older)}`,
          fix: `upgrade these servers to ${least} first, or stop them before the migration`,
        },
  );
  const mayRoll = reasons.length === 0;
  const hasOlder = nodes.some((node) => isOlder(node.version, version));
  const replacing = [
    ...(mayRoll && hasOlder ? [`${REPLACE}; without REDIS_URL, where there is one, stop it before the new one starts`] : []),
    ...(nodes.length === 0 && pending.length > 0 ? ['start the servers'] : []),
  ];
  const steps = [
    ...(mayRoll ? [] : [`stop ${listed(nodes)}`]),
    ...(ahead.length > 0 ? [`nothing to migrate: the database is of a newer version (${ahead.length} changes)`] : []),
    ...(pending.length > 0 ? [migrating(pending)] : []),
    ...(mayRoll ? replacing : [`start the servers with ${version}`]),
  ];
  return { mayRoll, reasons, steps };
}
