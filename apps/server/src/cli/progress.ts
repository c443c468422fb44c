/** Shows how far long work is; `of` begins a part of it, whose total may be unknown. */
export type Progress = Readonly<{ of: (what: string, total?: number) => Bar }>;
export type Bar = Readonly<{ add: (count: number) => void; end: () => void }>;

/** Nobody looks: a server that carries a command out, or no terminal. */
export const noProgress: Progress = { of: () => ({ add: () => {}, end: () => {} }) };

type Terminal = Readonly<{ isTTY?: boolean; columns?: number; write: (text: string) => unknown }>;

const REDRAW_MS = 100;
const BAR_WIDTH = 24;
/** To the beginning of the line, and erases it. */
const ERASE = '\r\u001B[K';

/** One line that is rewritten ten times a second on a terminal; nothing elsewhere, so that logs stay clean. `now` in milliseconds. */
export function progressOn(stream: Terminal = process.stderr, now: () => number = () => performance.now()): Progress {
  if (stream.isTTY !== true) return noProgress;
  return {
    of(what, total) {
      const begun = now();
      let drawn = -Infinity;
      let done = 0;
      return {
        add(count) {
          done += count;
          if (now() - drawn < REDRAW_MS) return;
          drawn = now();
          stream.write(`${ERASE}${lineOf(what, done, total, (drawn - begun) / 1000).slice(0, (stream.columns ?? 80) - 1)}`);
        },
        end: () => void stream.write(ERASE),
      };
    },
  };
}

/** Such as `[######------------------] 25 %  12,000 of 48,000 rows, 6,000/s, 6 s left`. */
export function lineOf(what: string, done: number, total: number | undefined, seconds: number): string {
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const rate = seconds > 0 ? done / seconds : 0;
  if (total === undefined || total === 0) return `${number(done)} ${what}, ${number(rate)}/s`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : '';
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %  ${number(done)} of ${number(total)} ${what}, ${number(rate)}/s${left}`;
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 90 ? `${whole} s` : whole < 5_400 ? `${Math.round(whole / 60)} min` : `${(whole / 3_600).toFixed(1)} h`;
}
