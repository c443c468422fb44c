/** Trials of rights that end while others are active: what was observed of one person, and what is wrong with it. Times are milliseconds of one clock. */

/** What somebody hears of a conversation that is open before them. */
export const STREAMS = ['message:new', 'typing', 'receipt:updated', 'presence:changed'] as const;

/** An event that a socket received; `version` is that of its conversation, if it carries one. */
export type Heard = Readonly<{ name: string; at: number; version: number | undefined }>;

export type Trial = Readonly<{
  kind: 'removal' | 'revocation';
  /** When the operation that ended the right was answered. */
  endedAt: number;
  /** The version that the removal gave the conversation; none for a revocation. */
  version: number | undefined;
  /** Each with what concerns the conversation (of a removal), or with everything (of a revocation). */
  sockets: readonly Readonly<{ name: string; heard: readonly Heard[]; closedAt: number | undefined }>[];
  /** When calls began that were granted although the right had ended. */
  granted: readonly number[];
  /** When others were told that the person types. */
  shown: readonly number[];
}>;

/** The farewells themselves. */
const FAREWELLS = new Set(['conversation:removed', 'sync:required', 'closing']);

/** What is wrong with a trial. Whatever carries no version has to end within so many milliseconds after the answer, and a revoked session entirely. */
export function judge(trial: Trial, boundMs: number): string[] {
  const { kind, endedAt, version, sockets, granted, shown } = trial;
  const isRemoval = kind === 'removal';
  const late = (at: number): boolean => at > endedAt + boundMs;
  const after = (at: number): string => `${Math.round(at - endedAt)} ms after the answer`;
  const findings: string[] = [];
  if (isRemoval && version === undefined) findings.push('nobody was told the version of the removal');
  for (const { name, heard, closedAt } of sockets) {
    for (const stream of STREAMS)
      if (!heard.some((event) => event.name === stream && event.at < endedAt)) findings.push(`${name} never heard ${stream}`);
    for (const event of heard) {
      if (FAREWELLS.has(event.name)) continue;
      if (isRemoval && event.version !== undefined) {
        if (version !== undefined && event.version > version)
          findings.push(`${name} was told ${event.name} of version ${event.version}, the removal has ${version}`);
      } else if (late(event.at)) findings.push(`${name} was told ${event.name} ${after(event.at)}`);
    }
    // It hears nothing from when it has left its rooms; how long the farewell takes is reported.
    if (!isRemoval && closedAt === undefined) findings.push(`${name} was not closed`);
  }
  // A send is authorised by the statement that stores it: none is granted after a removal. A session is known by each node's memory.
  for (const at of granted) if (isRemoval || late(at)) findings.push(`a call was granted ${after(at)}`);
  for (const at of shown) if (late(at)) findings.push(`others were told that they type ${after(at)}`);
  return findings;
}

/** Milliseconds after the answer until each of what a trial ends had ended; 0 for what had before. */
export function endsOf({ kind, endedAt, sockets, granted, shown }: Trial): Record<string, number> {
  const last = (times: readonly (number | undefined)[]): number =>
    Math.max(0, ...times.map((at = Number.POSITIVE_INFINITY) => at - endedAt));
  const heard = sockets.flatMap((socket) => socket.heard);
  const streams = STREAMS.map((stream) => [stream, last(heard.filter(({ name }) => name === stream).map(({ at }) => at))] as const);
  return {
    ...Object.fromEntries(streams),
    'calls granted': last(granted),
    ...(kind === 'removal' ? { 'typing shown': last(shown) } : { 'socket closed': last(sockets.map(({ closedAt }) => closedAt)) }),
  };
}

/** The distributions of the ends, for people. */
export function tableOf(trials: readonly Trial[]): string {
  const names = [...new Set(trials.flatMap((trial) => Object.keys(endsOf(trial))))];
  const ends = trials.map(endsOf);
  return names
    .map((name) => {
      const sorted = ends.flatMap((each) => each[name] ?? []).toSorted((a, b) => a - b);
      const figures = [0.5, 0.99, 1].map((share) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0));
      return `    ${name.padEnd(17)} ${figures.map((ms) => String(ms).padStart(6)).join(' / ')} ms`;
    })
    .join('\n');
}
