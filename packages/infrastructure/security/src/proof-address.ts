const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

const pathOf = ({ pathname }: URL): string => pathname.replace(/\/$/, '');

/**
 * Whether a proof names the address that was called: without query and fragment, and after the normalisation of URLs (RFC 9449, 4.3; RFC 3986, 6.2.2
 * and 6.2.3). A server on loopback has several names, and its clients take any of them.
 */
export function isSameAddress(htu: string, expected: string): boolean {
  const [given, own] = [URL.parse(htu), URL.parse(expected)];
  if (given === null || own === null || given.username !== '' || given.password !== '') return false;
  const isSameHost = given.hostname === own.hostname || (thisMachine.has(given.hostname) && thisMachine.has(own.hostname));
  return given.protocol === own.protocol && isSameHost && given.port === own.port && pathOf(given) === pathOf(own);
}
