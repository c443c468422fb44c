import { token } from '../kernel/token.ts';

/** Where this server is reached. */
export interface ServerAddress {
  /** The public base URL, without a slash at its end; where the server listens when none is configured. Never what a request says. */
  readonly url: string;
  /** Whether only this machine reaches it, in development. */
  readonly isLocal: boolean;
}
export const ServerAddress = token<ServerAddress>('ServerAddress');
