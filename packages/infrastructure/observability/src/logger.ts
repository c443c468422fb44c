import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { fileOutput, type Output, standardOutput } from './output.ts';
import { createPretty } from './pretty.ts';
import { loggedError, redact, redactText } from './redact.ts';
import { openRotatingFile, type RotatingFileOptions } from './rotating-file.ts';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** What is logged as an error or worse: the fields and the constant text of the line, as they were given. */
export type Fault = Readonly<{ level: 'error' | 'fatal'; message: string | undefined; fields: Readonly<Record<string, unknown>> }>;

export type LoggerOptions = Readonly<{
  level: LogLevel;
  format: 'json' | 'pretty';
  /** This node's name, in every entry. */
  instance: string;
  /** Standard output when absent. */
  destination?: DestinationStream;
  /** Instead of standard output. */
  file?: Omit<RotatingFileOptions, 'now'> | undefined;
  /** Is told of every line of the level `error` or `fatal` that is logged. */
  onFault?: ((fault: Fault) => void) | undefined;
}>;

/** The server's log. Secrets are redacted here, for every caller. Throws where the file cannot be opened. */
export function createLogger({ level, format, instance, destination, file, onFault }: LoggerOptions): Logger {
  const tell = (where: string) => (dropped: number) => log.warn({ dropped }, `log entries were dropped: ${where}`);
  const output =
    destination ??
    (file === undefined
      ? standardOutput(tell('standard output is read too slowly, or full'))
      : fileOutput(openRotatingFile(file), tell('the file of the log could not be written')));
  const isTerminal = destination === undefined && file === undefined && process.stdout.isTTY;
  const log: Logger = pino(
    {
      level,
      base: { instance },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: loggedError, error: loggedError },
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      hooks: { logMethod: onFault === undefined ? redactMessage : telling(onFault) },
    },
    format === 'pretty' ? prettyTo(output, isTerminal && process.stdout.hasColors()) : output,
  );
  // Pino's own formatter of bindings is not asked for children, and children inherit this.
  const child = log.child;
  log.child = function redactedChild(this: Logger, bindings: object, options?: object) {
    return child.call(this, redactFields(bindings), options);
  } as typeof log.child;
  return log;
}

const redactFields = (fields: object): Record<string, unknown> => redact(fields) as Record<string, unknown>;

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

/** The numbers by which pino calls levels. */
const [ERROR, FATAL] = [50, 60];

function telling(onFault: (fault: Fault) => void) {
  return function tellAndLog(this: unknown, args: unknown[], method: unknown, level: number): void {
    if (level >= ERROR) {
      const [first, message] = args;
      const fields = first instanceof Error ? { err: first } : typeof first === 'object' && first !== null ? first : {};
      const text = typeof first === 'string' ? first : message;
      onFault({
        level: level >= FATAL ? 'fatal' : 'error',
        message: typeof text === 'string' ? text : undefined,
        fields: fields as Readonly<Record<string, unknown>>,
      });
    }
    redactMessage.call(this, args, method);
  };
}

function prettyTo(output: DestinationStream & Partial<Output>, colorize: boolean): DestinationStream & Partial<Output> {
  const line = createPretty(colorize);
  return { ...output, write: (entry) => output.write(line(entry)) };
}
