/** What a check found. A `fault` keeps the server from starting or from working; a `warning` is worth a look. */
export type Finding = Readonly<{
  status: 'ok' | 'warning' | 'fault';
  /** What was looked at, in a word or two. */
  about: string;
  found: string;
  /** What to do; absent where nothing is to be done. */
  fix?: string;
}>;

export const ok = (about: string, found: string): Finding => ({ status: 'ok', about, found });
export const warning = (about: string, found: string, fix: string): Finding => ({ status: 'warning', about, found, fix });
export const fault = (about: string, found: string, fix: string): Finding => ({ status: 'fault', about, found, fix });

/** Where two clocks differ by more, in seconds: what limits and lifetimes tolerate, and what they do not. */
const SKEW = { warning: 1, fault: 30 };

/** A clock that was read at `read` and answered between two moments of this machine's, in milliseconds. */
export function compareClocks(whose: string, read: Date, [before, after]: readonly [number, number]): Finding {
  const [behind, ahead] = [before - read.getTime(), read.getTime() - after];
  // Within the time that asking took nothing can be said.
  const skew = Math.max(0, behind, ahead) / 1_000;
  const about = `clock of ${whose}`;
  if (skew <= SKEW.warning) return ok(about, 'agrees with this machine');
  const found = `is ${skew.toFixed(1)} s ${behind > ahead ? 'behind' : 'ahead of'} this machine`;
  const fix = 'synchronise the clocks of both with NTP; tokens, limits and schedules depend on them';
  return skew <= SKEW.fault ? warning(about, found, fix) : fault(about, found, fix);
}

const marks = { ok: '✔', warning: '!', fault: '✘' } as const;

export const lineOf = ({ status, about, found, fix }: Finding): string =>
  `${marks[status]} ${about}: ${found}${fix === undefined ? '' : `\n    ${fix}`}`;
