import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

export type RefusedOriginOptions = Readonly<{
  /** Told of an origin at most once a minute; `origin` is safe in a log and a configuration, and `undefined` when there is none to allow. */
  onRefused: (origin: string | undefined) => void;
  now?: () => number;
}>;

const ONCE_IN_MS = 60_000;
/** Anyone can send origins: what is beyond this within a minute is refused without being told. */
const MOST = 100;
/** A host name has 253 characters at most. */
const LONGEST = 300;

/** A policy that decides as this one does, and tells of the origins that it refuses: the browser tells nobody but its own console. */
export function tellRefused(policy: OriginPolicy, { onRefused, now = () => performance.now() }: RefusedOriginOptions): OriginPolicy {
  const told = new Map<string | undefined, number>();

  function tell(origin: string | undefined): void {
    const time = now();
    // Entries are in the order of their times.
    for (const [known, at] of told) {
      if (time - at < ONCE_IN_MS) break;
      told.delete(known);
    }
    if (told.has(origin) || told.size >= MOST) return;
    told.set(origin, time);
    onRefused(origin);
  }

  return (origin, host) => {
    const isAllowed = policy(origin, host);
    // Without a host nothing is decided but the headers of an answer to a request that was decided over before.
    if (!isAllowed && host !== '') tell(webOrigin(origin));
    return isAllowed;
  };
}

/** Files and sandboxed frames send the origin `null`, and other programs what they like. */
function webOrigin(text: string): string | undefined {
  const url = text.length > LONGEST ? null : URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && /^https?:\/\/[\w.:[\]-]+$/.test(url.origin) ? url.origin : undefined;
}
