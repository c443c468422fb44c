import type { Config } from '../config.ts';
import { version } from '../version.ts';

/** The start-up banner. */
export function banner(config: Config, url: string): string {
  const at = config.publicUrl ?? url;
  const storage =
    config.database.kind === 'postgres'
      ? `PostgreSQL at ${new URL(config.database.url).host}`
      : `embedded database in ${config.dataDir} (survives a killed process, not a power cut)`;
  const flag = url === 'http://127.0.0.1:3000' ? '' : ` --url ${url}`;
  return `
  Coucou ${version} is ready.

    API        ${at}/api/v1
    Reference  ${at}/docs
    Sockets    ${at}/socket.io (Socket.IO), ${at.replace(/^http/, 'ws')}/ws (plain WebSocket)
    Storage    ${storage}

  Next, in other terminals:

    pnpm cli seed${flag}
    pnpm cli chat --as alice --to bob${flag}
    pnpm cli chat --as bob --to alice${flag}

`;
}
