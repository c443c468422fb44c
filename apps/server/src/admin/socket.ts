import { join } from 'node:path';

/** The directory of the socket is its owner's alone from its making, so nobody else reaches the socket before its own mode is set. */
export const doorDirectory = (dataDir: string): string => join(dataDir, 'admin');
export const doorPath = (dataDir: string): string => join(doorDirectory(dataDir), 'socket');

/** What the client sends, one line of JSON. */
export type DoorRequest = Readonly<{ command: string; args: readonly string[] }>;

/** What the server answers, a line of JSON each: what the command prints, and last how it ended. */
export type DoorAnswer = Readonly<{ print: string }> | Readonly<{ done: true }> | Readonly<{ failure: string }>;
