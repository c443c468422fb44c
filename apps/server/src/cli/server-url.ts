import type { Config } from '../config.ts';
import { CommandError } from './command.ts';

/** Where the server is that a command talks to: as told, or as configured. */
export function serverUrl(told: string | undefined, config: Pick<Config, 'publicUrl' | 'host' | 'port'>): string {
  if (told === undefined) return config.publicUrl ?? `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${config.port}`;
  if (!/^https?:\/\/[^/]/.test(told) || !URL.canParse(told))
    throw new CommandError(`--url must be an http address such as http://127.0.0.1:3000, not ${told}`);
  return told.replace(/\/+$/, '');
}
