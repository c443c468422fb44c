/**
 * Time, randomness and the thread pool, as code may import them by name: these a simulation replaces (`interpose.ts`). The boundary test holds the
 * product to them.
 */
export const simulated: Readonly<Record<string, readonly string[]>> = {
  'node:timers/promises': ['setTimeout', 'setImmediate'],
  'node:crypto': ['randomUUID', 'randomBytes', 'randomFillSync', 'randomInt'],
  'node:fs/promises': ['readFile', 'readdir', 'opendir', 'open', 'stat', 'access', 'mkdir', 'writeFile', 'rename', 'rm', 'link'],
};
