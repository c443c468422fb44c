import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Daemon, User } from './daemon.ts';

/** What the servers started on this machine have in common: where binaries are, ports, users, directories. */

/** Directory of the real binary `name`, following links, for the first place that has it and passes `accept`. */
export function findBinary(
  name: string,
  places: readonly string[],
  accept: (directory: string) => boolean = () => true,
): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  for (const place of [...inPath, ...places]) {
    const candidate = path.join(place, name);
    if (!existsSync(candidate)) continue;
    const directory = path.dirname(realpathSync(candidate));
    if (accept(directory)) return directory;
  }
  return undefined;
}

/** What Node needs to run a program of ours. Compiled code is kept, for the suite starts the same program a hundred times. */
export const nodeEnvironment = (): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  NODE_COMPILE_CACHE: path.resolve(import.meta.dirname, '../../.cache/node'),
});

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/**
 * Someone may take the free port before the daemon does: then it is tried on another. `choose` is told which it is. A daemon that does not start
 * is stopped, with all that it left.
 */
export async function startOnFreePort(daemon: Daemon, choose: (port: number) => void): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    choose(await freePort());
    try {
      await daemon.start();
      return;
    } catch (error) {
      if (attempt < 5 && daemon.lines.some((line) => /address already in use/i.test(line))) continue;
      await daemon.stop();
      throw error;
    }
  }
}

/** PostgreSQL refuses to run as root: then a user that owns nothing lends its name. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as');
}

export async function privateDirectory(name: string, user?: User): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), `coucou-${name}-`));
  await chmod(directory, 0o700);
  if (user) await chown(directory, user.uid, user.gid);
  return directory;
}
