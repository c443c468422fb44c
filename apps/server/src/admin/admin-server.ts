import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Logger } from '@coucou/observability/logger';
import type { Container } from '../composition/container.ts';
import { CommandError } from '../cli/command.ts';
import { adminCommands, isAdminCommand } from './commands.ts';
import { type AdminAnswer, adminSocketDirectory, adminSocketPath, type AdminRequest } from './socket.ts';

/** A request holds the arguments of a command line. */
const MOST_CHARACTERS = 64 * 1_024;
const REQUEST_WITHIN_MS = 5_000;

/**
 * The admin socket: runs the operator's commands in this process, which holds the embedded database. The file mode is the authorization: a
 * user who can open the socket can read the database files as well. Returns a function that closes it after the running commands.
 */
export async function serveAdminSocket(dataDir: string, ports: Container, log: Logger): Promise<() => Promise<void>> {
  // Node offers named pipes there, which have no owner to restrict them to.
  if (process.platform === 'win32') return async () => {};
  /** Connections whose request has not arrived yet. */
  const silent = new Set<Socket>();
  const running = new Set<Promise<void>>();
  const server = createServer((socket) => {
    silent.add(socket);
    socket.on('error', () => socket.destroy());
    void requestOf(socket).then((request) => {
      silent.delete(socket);
      if (request === undefined) return void socket.destroy();
      const work = carryOut(request, socket, ports, log);
      running.add(work);
      return work.finally(() => running.delete(work));
    });
  });
  try {
    await listenIn(server, dataDir);
  } catch (err) {
    server.close();
    log.warn(
      { err: loggableError(err) },
      'the socket for administrative commands (`pnpm cli`) cannot be opened in DATA_DIR: stop the server to run them, or choose a shorter path',
    );
    return async () => {};
  }
  return async () => {
    server.close();
    for (const socket of silent) socket.destroy();
    await Promise.all(running);
    await rm(adminSocketPath(dataDir), { force: true });
  };
}

async function listenIn(server: Server, dataDir: string): Promise<void> {
  await mkdir(adminSocketDirectory(dataDir), { recursive: true, mode: 0o700 });
  await chmod(adminSocketDirectory(dataDir), 0o700);
  // Left by a server that was killed: this one holds the lock of the directory.
  await rm(adminSocketPath(dataDir), { force: true });
  server.listen(adminSocketPath(dataDir));
  await once(server, 'listening');
  await chmod(adminSocketPath(dataDir), 0o600);
}

async function carryOut({ command, args }: AdminRequest, socket: Socket, ports: Container, log: Logger): Promise<void> {
  const answer = (what: AdminAnswer) => void socket.write(`${JSON.stringify(what)}\n`);
  try {
    if (!isAdminCommand(command))
      throw new CommandError(`the running server does not know the command ${command}; it may be an older version`);
    await adminCommands[command].prepare(args)({ ports, print: (line) => answer({ print: line }) });
    log.info({ command }, 'ran an administrative command');
    answer({ done: true });
  } catch (error) {
    if (!(error instanceof CommandError)) log.error({ err: error, command }, 'an administrative command failed');
    answer({ failure: error instanceof CommandError ? error.message : 'the command failed in the server; see its log' });
  }
  socket.end();
}

/** `undefined` for what is no request, or comes too late. */
function requestOf(socket: Socket): Promise<AdminRequest | undefined> {
  const { promise, resolve } = Promise.withResolvers<AdminRequest | undefined>();
  let text = '';
  socket.setEncoding('utf8').setTimeout(REQUEST_WITHIN_MS, () => resolve(undefined));
  socket.once('close', () => resolve(undefined));
  socket.on('data', (chunk) => {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) resolve(undefined);
    else if (text.endsWith('\n')) resolve(parse(text));
  });
  return promise;
}

function parse(text: string): AdminRequest | undefined {
  try {
    const { command, args } = JSON.parse(text) as Partial<AdminRequest>;
    const isRequest = typeof command === 'string' && Array.isArray(args) && args.every((each) => typeof each === 'string');
    return isRequest ? { command, args } : undefined;
  } catch {
    return undefined;
  }
}
