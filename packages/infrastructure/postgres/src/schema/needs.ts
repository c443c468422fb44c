/** The schema is of a newer version, and this one cannot run on it. */
export class SchemaNewerError extends Error {}

/** A server that was seen lately. Its version is undefined where it is from before nodes recorded theirs. */
export type RunningNode = Readonly<{ node: string; version: string | undefined; seenSecondsAgo: number }>;

/** A step that may not be applied while these nodes run, which are older than it needs. */
export type BlockedStep = Readonly<{ name: string; needs: string; nodes: readonly RunningNode[] }>;

/** Major, minor and patch. A pre-release counts as its release: it has the same schema. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/;

const partsOf = (version: string): readonly number[] | undefined => VERSION.exec(version)?.slice(1).map(Number);

export const isVersion = (text: string): boolean => VERSION.test(text);

/** A version that is not known is older than any. */
export function isOlder(version: string | undefined, than: string): boolean {
  const [own, other] = [version === undefined ? undefined : partsOf(version), partsOf(than)];
  if (other === undefined) throw new Error(`${than} is no version`);
  if (own === undefined) return true;
  const at = own.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (own[at] ?? 0) < (other[at] ?? 0);
}

/** `needs` are the versions that steps need, by their names. Answers the steps that take something away from a node that runs. */
export const blockedSteps = (needs: Readonly<Record<string, string>>, nodes: readonly RunningNode[]): readonly BlockedStep[] =>
  Object.entries(needs)
    .map(([name, least]) => ({ name, needs: least, nodes: nodes.filter(({ version }) => isOlder(version, least)) }))
    .filter((step) => step.nodes.length > 0);

/** Such as `node-1 (0.1.0, seen 3 s ago)`. */
export const describeNode = ({ node, version, seenSecondsAgo }: RunningNode): string =>
  `${node} (${version ?? 'of a version that does not record it'}, seen ${Math.round(seenSecondsAgo)} s ago)`;
