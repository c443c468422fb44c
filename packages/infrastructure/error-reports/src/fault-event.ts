import type { ErrorEvent, Exception, StackFrame } from '@sentry/node';

/** A line of the log of the level `error` or `fatal`, before redaction. */
export type Fault = Readonly<{ level: 'error' | 'fatal'; message: string | undefined; fields: Readonly<Record<string, unknown>> }>;

type LoggedError = Readonly<{ name?: unknown; type?: unknown; message?: unknown; code?: unknown; stack?: unknown; cause?: unknown }>;

const MOST_CAUSES = 5;
const MOST_FRAMES = 50;

/**
 * What is reported of a fault: the constant text of its line, and of its error and causes the class, the code and where they were thrown. Never
 * the message of an error: parsers, PostgreSQL and libraries quote in theirs what people wrote.
 */
export function eventOf({ level, message, fields }: Fault, traceId: string | undefined): ErrorEvent {
  const errors = causesOf(fields['err'] ?? fields['error']);
  const quotes = errors.some(({ message: said }) => typeof said === 'string' && said !== '' && message?.includes(said) === true);
  const line = message === undefined || quotes ? 'an error was logged' : message;
  const code = word(fields['code']) ?? errors.map((error) => word(error.code)).find((each) => each !== undefined);
  const tags = { operation: operationOf(fields), requestId: word(fields['requestId']), traceId, code };
  return {
    type: undefined,
    level,
    platform: 'node',
    tags: Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined)),
    // Sentry expects the innermost cause first.
    exception: {
      values: errors.length === 0 ? [{ type: 'Error', value: line }] : errors.map((each) => exceptionOf(each, line)).toReversed(),
    },
  };
}

/** One word, such as a name or a code; undefined for what could be a sentence. */
const word = (value: unknown): string | undefined => (typeof value === 'string' && /^[\w.-]{1,200}$/.test(value) ? value : undefined);

/** An operation, the pattern of a route, a job or an event: names of ours. */
function operationOf({ operation, method, route, job, event, command }: Fault['fields']): string | undefined {
  const named = word(operation) ?? word(job) ?? word(command);
  if (named !== undefined) return named;
  if (typeof route === 'string' && /^[\w.:/*-]{1,200}$/.test(route)) return `${word(method) ?? ''} ${route}`.trim();
  return typeof event === 'string' && /^[\w.:-]{1,200}$/.test(event) ? event : undefined;
}

function causesOf(error: unknown): LoggedError[] {
  const found: LoggedError[] = [];
  for (let each = error; typeof each === 'object' && each !== null && found.length < MOST_CAUSES; each = (each as LoggedError).cause)
    found.push(each);
  return found;
}

function exceptionOf(error: LoggedError, line: string): Exception {
  const type = word(error instanceof Error ? error.name : error.type) ?? 'Error';
  const code = word(error.code);
  const frames = framesOf(error);
  return {
    type,
    value: code === undefined ? line : `${line} (${code})`,
    ...(frames.length > 0 && { stacktrace: { frames } }),
  };
}

const FRAME = /^ {4}at (?:(?:async )?(.+?) \()?((?:file:\/\/|node:)?[^()]+?):(\d+):(\d+)\)?$/;

/** Outermost first. The message comes before them in a stack, and may look like one of them. */
function framesOf({ stack, message }: LoggedError): StackFrame[] {
  if (typeof stack !== 'string' || typeof message !== 'string') return [];
  const begins = stack.indexOf(message);
  if (begins === -1) return [];
  return stack
    .slice(begins + message.length)
    .split('\n')
    .slice(1, MOST_FRAMES + 1)
    .map((each) => FRAME.exec(each))
    .filter((match) => match !== null)
    .map(([, name, file = '', row, column]) => frameOf(name, file, Number(row), Number(column)))
    .toReversed();
}

function frameOf(name: string | undefined, file: string, lineno: number, colno: number): StackFrame {
  const filename = pathInside(file);
  const isNamed = name !== undefined && /^[\w.$<>[\] #]{1,200}$/.test(name);
  return { ...(isNamed && { function: name }), filename, lineno, colno, in_app: /^(?:apps|packages)\//.test(filename) };
}

/** From where the server is installed on: what is before may name who runs it. */
function pathInside(file: string): string {
  if (file.startsWith('node:')) return file;
  const path = file.replaceAll('\\', '/');
  const from = ['/node_modules/', '/packages/', '/apps/'].map((each) => path.lastIndexOf(each)).find((at) => at !== -1);
  return from === undefined ? path.slice(path.lastIndexOf('/') + 1) : path.slice(from + 1);
}
