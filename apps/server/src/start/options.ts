import { StartError } from './start-error.ts';

/** What the command line of the start says. */
export type StartOptions = Readonly<{
  /** Opens the browser at `/` when the server is ready. */
  open: boolean;
  /** Makes the demo people at the first start of an embedded database in development; off with `--no-demo`. */
  demo: boolean;
  help: boolean;
  version: boolean;
}>;

const options = {
  '--open': { about: 'open the browser at the page of the server when it is ready', sets: { open: true } },
  '--no-demo': { about: 'make no demo people at the first start of the embedded database', sets: { demo: false } },
  '--version': { about: 'print the version', sets: { version: true } },
  '--help': { about: 'print this text', sets: { help: true } },
} as const satisfies Record<string, Readonly<{ about: string; sets: Partial<StartOptions> }>>;

const short: Readonly<Record<string, keyof typeof options>> = { '-h': '--help', '-v': '--version' };

const isOption = (text: string): text is keyof typeof options => Object.hasOwn(options, text);

/** Throws a `StartError` that lists the options for one that does not exist. A `--` in front is what package managers pass on. */
export function readOptions(args: readonly string[]): StartOptions {
  let read: StartOptions = { open: false, demo: true, help: false, version: false };
  for (const arg of args[0] === '--' ? args.slice(1) : args) {
    const name = short[arg] ?? arg;
    if (!isOption(name))
      throw new StartError(
        `there is no option ${JSON.stringify(arg)}; the options are ${Object.keys(options).join(', ')}, and everything else is set in the environment or in .env (see .env.example)`,
      );
    read = { ...read, ...options[name].sets };
  }
  return read;
}

/** What `--help` prints. */
export const optionsHelp = (): string =>
  [
    'Starts the server.',
    '',
    ...Object.entries(options).map(([name, { about }]) => `  ${name.padEnd(11)}${about}`),
    '',
    'Everything else is set in the environment or in .env; .env.example lists the names.',
  ].join('\n');
