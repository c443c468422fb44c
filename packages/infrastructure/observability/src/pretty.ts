import { styleText } from 'node:util';
import type { LoggedError } from './redact.ts';

type Entry = Readonly<{ level?: unknown; time?: unknown; msg?: unknown; err?: unknown; error?: unknown }> &
  Readonly<Record<string, unknown>>;
type Style = Parameters<typeof styleText>[0];

const styles: Readonly<Record<string, Style>> = {
  fatal: ['bgRed', 'white'],
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'blue',
  trace: 'dim',
};

/** Makes of a JSON entry what a person reads: `[09:30:00.123] INFO: ready {"url":"…"}`, and below it the stacks of errors. What is no entry stays as it is. */
export const createPretty =
  (colorize: boolean) =>
  (line: string): string => {
    const style = (format: Style, text: string) => (colorize ? styleText(format, text, { validateStream: false }) : text);
    const entry = entryOf(line);
    if (entry === undefined) return line;
    const { level, time, msg = '', instance: _everywhereTheSame, err, error, ...fields } = entry;
    const name = String(level);
    const errors = [err, error].filter((each) => each !== undefined);
    const details = Object.keys(fields).length === 0 ? '' : ` ${style('dim', JSON.stringify(fields))}`;
    return `[${clock(time)}] ${style(styles[name] ?? 'dim', name.toUpperCase())}: ${style('cyan', String(msg))}${details}\n${errors.map(stackOf).join('')}`;
  };

function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

/** The time of day here. */
function clock(time: unknown): string {
  const at = new Date(String(time));
  if (Number.isNaN(at.getTime())) return String(time);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

const indented = (text: string): string => `${text.replaceAll(/^/gm, '    ')}\n`;

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return indented(String(error));
  const { stack, cause, ...rest } = error as Partial<LoggedError>;
  return `${indented(stack ?? JSON.stringify(rest))}${cause === undefined ? '' : `    caused by:\n${stackOf(cause)}`}`;
}
