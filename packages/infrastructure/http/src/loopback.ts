import { isIPv4 } from 'node:net';

/** An address that only programs of this machine can have: 127.0.0.0/8 and ::1, also as a dual-stack socket reports them. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** A host name of this machine: `localhost` or a loopback address, an IPv6 one with or without its brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'));
