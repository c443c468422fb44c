import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Line } from './tracker.ts';

/** What someone else wrote must not steer the terminal. */
const harmless = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) => (character === '\n' ? '\n        ' : '\uFFFD'));

const UNITS = ['B', 'KB', 'MB', 'GB'] as const;

function sizeOf(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  return `${unit === 0 ? bytes : (bytes / 1_000 ** unit).toFixed(1)} ${UNITS[unit]}`;
}

/** What a message says, with a line for each file. */
export function textOf({ content, attachments = [] }: Pick<Line, 'content' | 'attachments'>): string {
  const files = attachments.map(({ name, size, type }) => `[file: ${name}, ${sizeOf(size)}, ${type}]`);
  return [...(content === undefined ? [] : [content]), ...files].join('\n') || '(no text)';
}

const clock = (time: string): string => {
  const at = new Date(time);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
};

export type ScreenOptions = Readonly<{ input: Readable & { isTTY?: boolean }; output: NodeJS.WritableStream & { isTTY?: boolean } }>;

/** A terminal, or a pipe: lines in, lines out, and a prompt that incoming lines do not tear apart. */
export function createScreen({ input, output }: ScreenOptions) {
  const terminal = input.isTTY === true && output.isTTY === true;
  const reader = createInterface({ input, terminal, ...(terminal ? { output, prompt: '> ' } : {}) });

  // Listened to from the first moment: a pipe may have said everything, and ended, before anyone is connected.
  const early: string[] = [];
  let hear = (line: string): void => void early.push(line);
  reader.on('line', (line) => {
    hear(line);
    // What was typed stays as it is, and nothing else may be written that would bring the prompt back.
    if (terminal && line.trim() !== '/quit') reader.prompt();
  });
  const ended = new Promise<void>((resolve) => reader.once('close', resolve));

  function write(text: string): void {
    // Over the prompt, which is then drawn again with what was typed so far.
    output.write(terminal ? `\r\u001B[K${text}\n` : `${text}\n`);
    if (terminal) reader.prompt(true);
  }

  return {
    say: (text: string) => write(`-- ${text}`),
    show: (line: Line, name: string) => write(`[${clock(line.createdAt)}] ${name}: ${harmless(textOf(line))}`),
    /** Whether what is typed stays on the screen by itself. */
    echoes: terminal,
    /** Also those that came before. */
    onLine(listener: (line: string) => void): void {
      hear = listener;
      for (const line of early.splice(0)) listener(line);
      if (terminal) reader.prompt();
    },
    /** The end of the input, or Ctrl-C. */
    ended,
    close: () => reader.close(),
  };
}
