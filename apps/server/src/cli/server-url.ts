import type { Config } from '../config.ts';
import { isServing } from './api.ts';
import { UsageError } from './command.ts';

/**
 * Where the server is that a command talks to: as given by `--url`, and then nothing else is read; or the one that runs on the configured data
 * directory, on whatever port; or where one would listen by the configuration.
 */
export async function serverUrl(given: string | undefined): Promise<string> {
  if (given === undefined) return configuredUrl((await import('../config.ts')).loadProcessConfig());
  if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
    throw new UsageError(`--url must be an http address such as http://127.0.0.1:3000, not ${given}`);
  return given.replace(/\/+$/, '');
}

/** As `serverUrl`, for a command that has the configuration. */
export async function configuredUrl({
  dataDir,
  publicUrl,
  host,
  port,
}: Pick<Config, 'dataDir' | 'publicUrl' | 'host' | 'port'>): Promise<string> {
  const { readAddress } = await import('../start/server-address.ts');
  const written = await readAddress(dataDir);
  if (written !== undefined && (await isServing(written))) return written;
  return publicUrl ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
}
