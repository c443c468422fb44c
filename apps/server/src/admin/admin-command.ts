import type { Progress } from '../cli/progress.ts';
import type { Container } from '../composition/container.ts';

/** What a command runs with: the ports of the server process, or of a database that it opened itself. */
export type AdminContext = Readonly<{
  ports: Pick<Container, 'resolve' | 'portsOf'>;
  print: (line: string) => void;
  /** Absent in a server: who waits at the command line sees the lines that are printed. */
  progress?: Progress;
}>;

/** An administrative command. */
export type AdminCommand = Readonly<{
  help: string;
  /** Needs the store of files. */
  usesFiles?: boolean;
  /** The arguments as another process is to read them, such as paths. */
  localize?: (args: readonly string[]) => readonly string[];
  /** Needs the keys that sign tokens. */
  usesKeys?: boolean;
  /** Checks the arguments and answers the work; throws for a wrong call before anything is opened. */
  prepare: (args: readonly string[]) => (context: AdminContext) => Promise<void>;
}>;
