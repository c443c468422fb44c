import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CommandError } from '../cli/command.ts';
import { splitLines } from '../cli/split-lines.ts';
import { codeOf } from '../start/start-error.ts';
import { type AdminAnswer, adminSocketPath, type AdminRequest } from './socket.ts';

/** Runs the command in the server of this data directory and prints its output. False when no server listens there. */
export async function callAdminSocket(dataDir: string, request: AdminRequest, print: (line: string) => void): Promise<boolean> {
  const socket = connect(adminSocketPath(dataDir));
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'EINVAL', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) return false;
    throw new CommandError(
      `the running server cannot be reached (${codeOf(error)} at ${adminSocketPath(dataDir)}); run this as the user whom the server runs as`,
      {
        cause: error,
      },
    );
  }
  socket.write(`${JSON.stringify(request)}\n`);
  if (!(await printAnswers(socket, print))) throw new CommandError('the server stopped before the command had ended; run it again');
  return true;
}

/** Characters of one line that the server prints; far more than any has. */
const LONGEST_ANSWER = 64 * 1_024 * 1_024;

/** False when the connection ends before the command has. */
async function printAnswers(socket: Socket, print: (line: string) => void): Promise<boolean> {
  socket.on('error', () => socket.destroy());
  for await (const line of splitLines(socket, LONGEST_ANSWER)) {
    const answer = JSON.parse(line) as AdminAnswer;
    if ('print' in answer) print(answer.print);
    else if ('failure' in answer) throw new CommandError(answer.failure);
    else return true;
  }
  return false;
}
