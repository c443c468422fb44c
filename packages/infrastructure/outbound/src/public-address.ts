import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IPv4 that is not globally reachable, by IANA's special-purpose registry (RFC 6890), and multicast. */
const ipv4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, and the metadata services of clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** What of the global unicast addresses (2000::/3) is not globally reachable, or leads to an IPv4 address that nobody checked. */
const ipv6 = [
  '2001::/23', // protocol assignments, such as Teredo
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
];

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

const notPublic4 = listOf(ipv4, 'ipv4');
const notPublic6 = listOf(ipv6, 'ipv6');
const globalUnicast = listOf(['2000::/3'], 'ipv6');

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // An embedded IPv4 address stands for the last two groups.
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const group = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${group(a, b)}:${group(c, d)}`;
  });
  const [left = '', right] = plain.split('::');
  const parse = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [first, last] = [parse(left), parse(right)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** The IPv4 address that an IPv6 one stands for: IPv4-mapped (RFC 4291), or behind NAT64 (RFC 6052). */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  if (prefix !== '0:0:0:0:0:ffff' && prefix !== '64:ff9b:0:0:0:0') return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.');
}

/**
 * Whether anybody on the internet reaches this address, and so nothing that only this server reaches stands behind it. What is not known
 * to be public is not.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic4.check(address, 'ipv4');
  // A zone belongs to an address of one link.
  if (!isIPv6(address) || address.includes('%')) return false;
  const embedded = embeddedIpv4(groupsOf(address));
  if (embedded !== undefined) return isPublicAddress(embedded);
  return globalUnicast.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
