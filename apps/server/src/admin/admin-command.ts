import type { Container } from '../composition/container.ts';

/** Where a command is carried out: in the running server, or beside it on its database. */
export type AdminContext = Readonly<{ ports: Pick<Container, 'resolve' | 'portsOf'>; print: (line: string) => void }>;

/** A command that looks after people, words or files. */
export type AdminCommand = Readonly<{
  help: string;
  /** Needs the store of files. */
  usesFiles?: boolean;
  /** Checks the arguments and answers the work; throws for a wrong call before anything is opened. */
  prepare: (args: readonly string[]) => (context: AdminContext) => Promise<void>;
}>;
