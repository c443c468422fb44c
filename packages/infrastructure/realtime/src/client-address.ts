import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Call } from '@coucou/application/kernel/call';
import { withoutPort } from '@coucou/application/kernel/network-of';

const LONGEST_USER_AGENT = 512;

/** Node reports IPv4 peers of a dual-stack listener as `::ffff:a.b.c.d`. */
const plainAddress = (address: string): string => (/^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address);

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const listOf = (trusted: readonly string[]): BlockList => {
  const proxies = new BlockList();
  for (const range of trusted) {
    const [address = '', bits] = range.split('/');
    if (bits === undefined) proxies.addAddress(address, family(address));
    else proxies.addSubnet(address, Number(bits), family(address));
  }
  return proxies;
};

/** Whether an address is one of our own proxies (`trusted`: addresses or CIDR ranges). */
export function createIsProxy(trusted: readonly string[]): (address: string) => boolean {
  const proxies = listOf(trusted);
  return (address) => isIP(address) !== 0 && proxies.check(address, family(address));
}

/** The client address: the nearest address that is not a trusted proxy (`trusted`: addresses or CIDR ranges). */
export function createClientOf(trusted: readonly string[]): (request: Pick<IncomingMessage, 'socket' | 'headers'>) => Call['client'] {
  const isProxy = createIsProxy(trusted);

  return ({ socket, headers }) => {
    let ip = plainAddress(socket.remoteAddress ?? '');
    // The last entry was written by the nearest proxy; an entry counts only if the one after it is trusted.
    const forwarded = trusted.length === 0 ? [] : String(headers['x-forwarded-for'] ?? '').split(',');
    while (forwarded.length > 0 && isProxy(ip)) {
      const next = plainAddress(withoutPort((forwarded.pop() ?? '').trim()));
      if (isIP(next) === 0) break;
      ip = next;
    }
    return { ip, userAgent: (headers['user-agent'] ?? '').slice(0, LONGEST_USER_AGENT) };
  };
}
