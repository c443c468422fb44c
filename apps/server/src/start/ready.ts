import { resolve } from 'node:path';
import { styleText } from 'node:util';
import type { Config } from '../config.ts';
import { version } from '../version.ts';

export type BannerOptions = Readonly<{
  config: Pick<Config, 'publicUrl' | 'database' | 'dataDir'>;
  /** Where it listens. */
  url: string;
  /** What runs the scripts of this repository: `pnpm`, or by npx. */
  command: string;
  /** Whether the browser is being opened already. */
  isOpened: boolean;
  /** What it is written to: decides, with NO_COLOR and FORCE_COLOR, over colours. */
  stream: NodeJS.WritableStream;
}>;

/** Commands look there when nothing else is configured; see `server-address.ts`. */
const DEFAULT_DATA_DIR = '.data';

/** The start-up banner. */
export function banner({ config, url, command, isOpened, stream }: BannerOptions): string {
  const style = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream });
  const address = (text: string) => style('cyan', text);
  const label = (text: string) => style('dim', text.padEnd(11));
  const at = config.publicUrl ?? url;
  const storage =
    config.database.kind === 'postgres'
      ? `PostgreSQL at ${new URL(config.database.url).host}`
      : `embedded database in ${config.dataDir} (survives a killed process, not a power cut)`;
  // Commands find the server by its data directory, when they look into the same.
  const flag = config.dataDir === resolve(DEFAULT_DATA_DIR) ? '' : ` --url ${url}`;
  const run = (text: string) => style('bold', `${command} ${text}`);
  const opens = isOpened ? '' : style('dim', `   (${command} start --open opens it)`);
  return `
  ${style(['bold', 'green'], `Coucou ${version} is ready.`)}

    ${label('Start here')}${address(`${at}/`)}${opens}
    ${label('API')}${address(`${at}/api/v1`)}
    ${label('Reference')}${address(`${at}/docs`)}
    ${label('Sockets')}${address(`${at}/socket.io`)} (Socket.IO), ${address(`${at.replace(/^http/, 'ws')}/ws`)} (plain WebSocket)
    ${label('Storage')}${storage}

  Next, in other terminals:

    ${run(`cli seed${flag}`)}
    ${run(`cli chat --as alice --to bob${flag}`)}
    ${run(`cli chat --as bob --to alice${flag}`)}
    ${run(`cli token alice${flag}`)}

`;
}
