import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

export type RefusedOriginOptions = Readonly<{
  /** Called at most once a minute for an origin; `origin` is safe in a log and a configuration, and `undefined` when there is none to allow. */
  onRefused: (origin: string | undefined) => void;
  now?: () => number;
}>;

const ONCE_IN_MS = 60_000;
/** Anyone can send origins: beyond this many within a minute they are refused without being reported. */
const MOST = 100;
/** A host name has 253 characters at most. */
const LONGEST = 300;

/** A policy that decides as the given one and reports the origins that it refuses: a browser reports them in its own console only. */
export function reportRefused(policy: OriginPolicy, { onRefused, now = () => performance.now() }: RefusedOriginOptions): OriginPolicy {
  const reported = new Map<string | undefined, number>();

  function report(origin: string | undefined): void {
    const time = now();
    // Entries are in the order of their times.
    for (const [known, at] of reported) {
      if (time - at < ONCE_IN_MS) break;
      reported.delete(known);
    }
    if (reported.has(origin) || reported.size >= MOST) return;
    reported.set(origin, time);
    onRefused(origin);
  }

  return (origin, host) => {
    const isAllowed = policy(origin, host);
    // Without a host this decides over the headers of an answer; the request itself was decided over, and reported, before.
    if (!isAllowed && host !== '') report(webOrigin(origin));
    return isAllowed;
  };
}

/** Files and sandboxed frames send the origin `null`, and other programs what they like. */
function webOrigin(text: string): string | undefined {
  const url = text.length > LONGEST ? null : URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[\w.:[\]-]+$/.test(url.origin) ? url.origin : undefined;
}
