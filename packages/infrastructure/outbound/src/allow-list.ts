import { isIPv6 } from 'node:net';

/** Hosts that may have addresses of an internal network, and speak plain HTTP: `host` on any port, or `host:port`. */
export type AllowList = (url: URL) => boolean;

/** An entry in the form in which a URL holds it; undefined for what names no host. */
function readEntry(entry: string): Readonly<{ hostname: string; port: string | undefined }> | undefined {
  const host = isIPv6(entry) ? `[${entry}]` : entry;
  // In a URL that knows no default port, so that a written port is seen, whichever it is.
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  const { hostname } = new URL(`http://${host}`);
  return { hostname: rooted(hostname), port: /:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1] };
}

/** A name is the same name with the dot of the root. */
const rooted = (hostname: string): string => hostname.replace(/\.$/, '');

export const isAllowEntry = (entry: string): boolean => readEntry(entry) !== undefined;

/** Throws for an entry that names no host. */
export function createAllowList(entries: readonly string[]): AllowList {
  const allowed = entries.map((entry) => {
    const read = readEntry(entry);
    if (read === undefined) throw new TypeError(`${JSON.stringify(entry)} names no host; write host or host:port`);
    return read;
  });
  return (url) => {
    const hostname = rooted(url.hostname);
    const port = url.port === '' ? defaultPort(url) : url.port;
    return allowed.some((entry) => entry.hostname === hostname && (entry.port === undefined || Number(entry.port) === Number(port)));
  };
}

const defaultPort = ({ protocol }: URL): string => (protocol === 'https:' ? '443' : '80');
