import { styleText } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { ConfigError } from '../config/config-error.ts';
import { StartError } from '../start/start-error.ts';
import { version } from '../version.ts';
import { ApiError } from './api.ts';
import { type Command, CommandError, exitCodes, print, UsageError } from './command.ts';
import { type Listed, listOf } from './list.ts';

type Entry = Listed & Readonly<{ load: () => Promise<Command> }>;

// A command is loaded when it runs: most need a good part of the product, which takes longer to load than a list to print.
const commands: readonly Entry[] = [
  {
    name: 'migrate',
    summary: 'Migrate the database to the schema of this version.',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'upgrade',
    summary: 'Check whether servers that run may be replaced one after the other.',
    load: async () => (await import('./upgrade.ts')).upgrade,
  },
  { name: 'seed', summary: 'Create sample users and conversations.', load: async () => (await import('./seed.ts')).seed },
  { name: 'chat', summary: 'Chat with a user in the terminal.', load: async () => (await import('./chat.ts')).chat },
  {
    name: 'token',
    summary: 'Print an access token, with a curl and a wscat line that use it.',
    load: async () => (await import('./token.ts')).token,
  },
  {
    name: 'attachments',
    summary: 'Reconcile stored files with the database.',
    load: async () => (await import('./administer.ts')).administer('attachments'),
  },
  {
    name: 'audit',
    summary: 'Verify and export the audit log.',
    load: async () => (await import('./administer.ts')).administer('audit'),
  },
  {
    name: 'create-account',
    summary: 'Create an account.',
    load: async () => (await import('./administer.ts')).administer('create-account'),
  },
  {
    name: 'create-admin',
    summary: 'Create an owner or admin of an account.',
    load: async () => (await import('./administer.ts')).administer('create-admin'),
  },
  {
    name: 'import',
    summary: 'Import people, conversations and messages from another system.',
    load: async () => (await import('./administer.ts')).administer('import'),
  },
  {
    name: 'export',
    summary: 'Write all people, conversations and messages of an account into a folder.',
    load: async () => (await import('./administer.ts')).administer('export'),
  },
  {
    name: 'export-user',
    summary: 'Write everything that is held of somebody into an archive.',
    load: async () => (await import('./administer.ts')).administer('export-user'),
  },
  {
    name: 'limits',
    load: async () => (await import('./administer.ts')).administer('limits'),
    summary: 'Print the limits of an account, or set its own.',
  },
  {
    name: 'load',
    summary: 'Find the rate at which a server gives way, with people who write and read.',
    load: async () => (await import('./load.ts')).load,
  },
  {
    name: 'load-people',
    summary: 'Open sessions for a load test from another machine.',
    load: async () => (await import('./administer.ts')).administer('load-people'),
  },
  {
    name: 'word-list',
    summary: 'Manage the words that are masked or rejected in messages.',
    load: async () => (await import('./administer.ts')).administer('word-list'),
  },
  {
    name: 'revoke-sessions',
    summary: 'Sign somebody out everywhere.',
    load: async () => (await import('./administer.ts')).administer('revoke-sessions'),
  },
  {
    name: 'import-users',
    summary: 'Import people, with the hashes of their passwords.',
    load: async () => (await import('./administer.ts')).administer('import-users'),
  },
  {
    name: 'mint-token',
    summary: 'Open a session for somebody, and print its tokens.',
    load: async () => (await import('./administer.ts')).administer('mint-token'),
  },
  {
    name: 'rotate-keys',
    summary: 'Sign access tokens by another key.',
    load: async () => (await import('./administer.ts')).administer('rotate-keys'),
  },
  {
    name: 'jobs',
    summary: 'List, inspect, retry and drop side effects that were given up.',
    load: async () => (await import('./administer.ts')).administer('jobs'),
  },
  {
    name: 'schedules',
    summary: 'Show when recurring jobs run and how they ran last, and run some now.',
    load: async () => (await import('./administer.ts')).administer('schedules'),
  },
  {
    name: 'suspend',
    summary: 'Suspend a user, or lift the suspension.',
    load: async () => (await import('./administer.ts')).administer('suspend'),
  },
  { name: 'demo', summary: 'Close the accounts of the demo people.', load: async () => (await import('./demo.ts')).demo },
  {
    name: 'backup',
    summary: 'Back up the database and its files, with every row counted.',
    load: async () => (await import('./backup.ts')).backup,
  },
  { name: 'restore', summary: 'Restore a back-up into an empty database.', load: async () => (await import('./restore.ts')).restore },
  { name: 'move', summary: 'Move the embedded database to PostgreSQL.', load: async () => (await import('./move.ts')).move },
  {
    name: 'verify',
    summary: 'Check everything that is stored against what must hold for it.',
    load: async () => (await import('./administer.ts')).administer('verify'),
  },
  {
    name: 'restored',
    summary: 'Give a restored database a new epoch, so that clients start over.',
    load: async () => (await import('./restored.ts')).restored,
  },
  {
    name: 'doctor',
    summary: 'Check the configuration and everything that it names.',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'config',
    summary: 'Check the configuration, or print every setting.',
    load: async () => (await import('./config.ts')).config,
  },
  {
    name: 'completion',
    summary: 'Print a script that completes commands and options in bash, zsh or fish.',
    load: async () => (await import('./completion.ts')).completion(commands),
  },
  {
    name: 'generate',
    summary: 'Write the API documents, the tables of errors and permissions, and .env.example.',
    load: async () => (await import('./generate.ts')).generate,
  },
];

/** Runs one command. The exit code is one of `exitCodes`. */
export async function run(args: readonly string[]): Promise<void> {
  // The reader of the pipe has closed it: `pnpm cli … | head`.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1));
  const [name, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (name === undefined || ['help', '--help', '-h'].includes(name)) return print(listOf(commands));
  if (name === '--version' || name === '-v') return print(version);
  const entry = commands.find((each) => each.name === name);
  if (entry === undefined) return fail(`unknown command ${JSON.stringify(name)}${guess(name)}`, listOf(commands, process.stderr));
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) return print(`${entry.summary}\n\n${command.help}`);
  try {
    await command.run(rest);
  } catch (error) {
    if (isWrongCall(error)) fail(error.message, command.help);
    else if (error instanceof ApiError) fail(`the server answered: ${error.message} (${error.code})`);
    else if (error instanceof CommandError || error instanceof StartError || error instanceof ConfigError) fail(error.message);
    else throw error;
  }
}

const guess = (name: string): string => {
  const near = commands.find((each) => distance(each.name, name) <= 2);
  return near === undefined ? '' : `; did you mean ${near.name}?`;
};

/** What the command says of its arguments, or `parseArgs`: an option that does not exist or lacks its value. */
const isWrongCall = (error: unknown): error is Error =>
  error instanceof UsageError || (error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS'));

/** With the help that would have kept from it, for a wrong call. */
function fail(message: string, help?: string): void {
  const red = styleText('red', message, { stream: process.stderr });
  process.stderr.write(help === undefined ? `${red}\n` : `${red}\n\n${help}\n`);
  process.exitCode = help === undefined ? exitCodes.failed : exitCodes.wrongUsage;
}
