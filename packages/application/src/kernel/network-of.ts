/**
 * The network that an address is counted under: an IPv4 address as it is, and the first 64 bits of an IPv6 address, the smallest
 * network that a customer gets (RFC 6177), who may use any address in it.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [left = '', right] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [first, last] = [groups(left), groups(right)];
  // An embedded IPv4 address stands for two groups.
  const length = first.length + last.length + (address.includes('.') ? 1 : 0);
  const zeros = right === undefined ? [] : Array.from({ length: Math.max(0, 8 - length) }, () => '0');
  const network = [...first, ...zeros, ...last].slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
}

/** An address as a proxy forwards it, without the port and brackets that some write with it: each port would be another client. */
export const withoutPort = (forwarded: string): string =>
  /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/
    .exec(forwarded)
    ?.slice(1)
    .find((part) => part !== undefined) ?? forwarded;
