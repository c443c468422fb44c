/** One command of the command line; its name and summary stand in the list of `run.ts`. */
export type Command = Readonly<{
  /** What `--help` shows: the ways to call it, and what each option means. */
  help: string;
  run: (args: readonly string[]) => Promise<void>;
}>;

/** The command cannot do what it was asked; said to a person without a stack. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}

/** The command was called in a wrong way: said with its help, and by an exit code of its own. */
export class UsageError extends CommandError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** The exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2 } as const;

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
