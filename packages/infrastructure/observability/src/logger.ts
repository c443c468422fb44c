import { type DestinationStream, destination as fileDescriptor, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { loggedError, redact, redactText } from './redact.ts';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export type LoggerOptions = Readonly<{
  level: LogLevel;
  format: 'json' | 'pretty';
  /** This node's name, in every entry. */
  instance: string;
  /** Standard output when absent. */
  destination?: DestinationStream;
}>;

/** The server's log. Secrets are redacted here, for every caller. */
export function createLogger({ level, format, instance, destination }: LoggerOptions): Logger {
  const log = pino(
    {
      level,
      base: { instance },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: loggedError, error: loggedError },
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      hooks: { logMethod: redactMessage },
    },
    format === 'pretty' ? prettyTo(destination) : (destination ?? standardOutput()),
  );
  // Pino's own formatter of bindings is not asked for children, and children inherit this.
  const child = log.child;
  log.child = function redactedChild(this: Logger, bindings: object, options?: object) {
    return child.call(this, redactFields(bindings), options);
  } as typeof log.child;
  return log;
}

const redactFields = (fields: object): Record<string, unknown> => redact(fields) as Record<string, unknown>;

/** How long an entry may wait for others, which are written with it. */
const GATHER_MS = 10;

/** Asynchronous, so that a slow reader of the log does not stop the server; flushed when the process ends. */
function standardOutput(): DestinationStream & { flushSync(): void } {
  const output = fileDescriptor({ fd: 1, sync: false, minLength: 4096 });
  let flushing: NodeJS.Timeout | undefined;
  return {
    write(entry) {
      output.write(entry);
      flushing ??= setTimeout(() => {
        flushing = undefined;
        output.flush();
      }, GATHER_MS);
    },
    // Asked for after a fatal entry, which may be the last thing that this process does.
    flushSync: () => output.flushSync(),
  };
}

type Log = (...args: unknown[]) => void;

/** A message may quote what it is about; that of a lone error becomes the entry's. */
function redactMessage(this: unknown, args: unknown[], method: unknown): void {
  const [only] = args;
  const texts = args.length === 1 && only instanceof Error ? [{ err: only }, only.message] : args;
  (method as Log).apply(
    this,
    texts.map((argument) => (typeof argument === 'string' ? redactText(argument) : argument)),
  );
}

function prettyTo(destination: DestinationStream | undefined): DestinationStream {
  const colorize = destination === undefined && process.stdout.isTTY && process.stdout.hasColors();
  const line = prettyFactory({ singleLine: true, ignore: 'pid,hostname,instance', translateTime: 'SYS:HH:MM:ss.l', colorize });
  const target = destination ?? process.stdout;
  return { write: (entry) => void target.write(line(entry)) };
}
