import type { outcomes } from './limits.ts';

export type Outcome = (typeof outcomes)[number];

/** `detail`: a status or the code of an error, in the server's own words; nothing that the other side wrote. */
export type Finding = Readonly<{ outcome: Outcome; detail: string | undefined }>;

export const OK: Finding = { outcome: 'ok', detail: undefined };

/** Of an HTTP status. */
export function findingOf(status: number): Finding {
  if (status >= 200 && status < 300) return OK;
  const outcome = status === 401 || status === 403 ? 'authentication' : status >= 300 && status < 400 ? 'redirected' : 'answered';
  return { outcome, detail: String(status) };
}
