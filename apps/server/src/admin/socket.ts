import { join } from 'node:path';

/** Created with mode 0700, so that no other user reaches the socket before its own mode is set. */
export const adminSocketDirectory = (dataDir: string): string => join(dataDir, 'admin');
export const adminSocketPath = (dataDir: string): string => join(adminSocketDirectory(dataDir), 'socket');

/** What the client sends, one line of JSON. */
export type AdminRequest = Readonly<{ command: string; args: readonly string[] }>;

/** What the server answers, a line of JSON each: what the command prints, and last how it ended. */
export type AdminAnswer = Readonly<{ print: string }> | Readonly<{ done: true }> | Readonly<{ failure: string }>;
