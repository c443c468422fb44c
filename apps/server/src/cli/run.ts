import { distance } from 'fastest-levenshtein';
import { ConfigError } from '../config.ts';
import { StartError } from '../start/start-error.ts';
import { ApiError } from './api.ts';
import { attachments } from './attachments.ts';
import { chat } from './chat.ts';
import { type Command, CommandError, print } from './command.ts';
import { generate } from './generate.ts';
import { migrate } from './migrate.ts';
import { seed } from './seed.ts';
import { suspend } from './suspend.ts';
import { wordList } from './word-list.ts';

const commands: readonly Command[] = [migrate, seed, chat, attachments, wordList, suspend, generate];

const list = (): string =>
  [
    'pnpm cli <command>',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(13)}${summary}`),
    '',
    'pnpm cli <command> --help prints the options.',
  ].join('\n');

/** Runs one command. The exit code is 0 when it did what it was asked. */
export async function run(args: readonly string[]): Promise<void> {
  // The reader of the pipe has closed it: `pnpm cli … | head`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  const [name, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (name === undefined || ['help', '--help', '-h'].includes(name)) return print(list());
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return fail(`unknown command ${JSON.stringify(name)}${guess(name)}\n\n${list()}`);
  if (rest.includes('--help') || rest.includes('-h')) return print(`${command.summary}\n\n${command.help}`);
  try {
    await command.run(rest);
  } catch (error) {
    if (isWrongCall(error)) fail(`${error.message}\n\n${command.help}`);
    else if (error instanceof ApiError) fail(`the server answered: ${error.message} (${error.code})`);
    else if (error instanceof CommandError || error instanceof StartError || error instanceof ConfigError) fail(error.message);
    else throw error;
  }
}

const guess = (name: string): string => {
  const near = commands.find((each) => distance(each.name, name) <= 2);
  return near === undefined ? '' : `; did you mean ${near.name}?`;
};

/** An option that does not exist or lacks its value, as `parseArgs` says it. */
const isWrongCall = (error: unknown): error is Error =>
  error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
