import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { OutboundError } from './outbound-error.ts';
import { isPublicAddress } from './public-address.ts';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly Readonly<{ address: string; family: number }>[]>;

const lookupAll = promisify(lookup);
export const systemResolve: Resolve = (hostname) => lookupAll(hostname, { all: true });

const literal = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** A URL that names an address is never looked up, so that it is checked by itself. */
export function requirePublicLiteral(url: URL): void {
  if (isIP(literal(url)) !== 0) requirePublic(url.hostname, [literal(url)]);
}

/** Every address of a name, since a name that has an internal one beside a public one was made to lead astray. */
export function requirePublic(host: string, addresses: readonly string[]): void {
  if (addresses.length > 0 && addresses.every(isPublicAddress)) return;
  throw new OutboundError(
    'refused',
    `${host} is refused because it has an address that is not public; if it is an internal host of yours, add it to OUTBOUND_ALLOW`,
  );
}

/**
 * Looks a name up for the connection that is being made. What is checked here is what is connected to: nothing asks again between the
 * check and the connection, so that an answer that changes (DNS rebinding) changes nothing.
 */
export const guardedLookup = (resolve: Resolve, isAllowed: boolean): LookupFunction => {
  const find = async (hostname: string): Promise<LookupAddress[]> => {
    const found = await resolve(hostname);
    if (!isAllowed)
      requirePublic(
        hostname,
        found.map(({ address }) => address),
      );
    return found.map(({ address, family }) => ({ address, family }));
  };
  return (hostname, { all = false }, answer) => {
    find(hostname).then(
      (found) => {
        const [first] = found;
        if (all) answer(null, found);
        else if (first === undefined) answer(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), '');
        else answer(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => answer(error, ''),
    );
  };
};
