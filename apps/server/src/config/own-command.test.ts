import { expect, it } from 'vitest';
import { ownCommand } from './own-command.ts';

// Paths as npm, npx and pnpm set them.
it.each([
  ['/home/ann/.npm/_npx/9c7067c5737e830f/node_modules/pnpm/pnpm', 'npx -y pnpm@12'],
  ['C:\\Users\\ann\\AppData\\Local\\npm-cache\\_npx\\9c7067c5737e830f\\node_modules\\pnpm\\bin\\pnpm.cjs', 'npx -y pnpm@12'],
  ['/usr/lib/node_modules/pnpm/pnpm', 'pnpm'],
  ['/usr/lib/node_modules/npm/bin/npm-cli.js', 'pnpm'],
  [undefined, 'pnpm'],
])('with pnpm at %s a person types %s', (path, command) => {
  expect(ownCommand({ npm_execpath: path, npm_config_user_agent: 'pnpm/12.21.0 npm/? node/? linux x64' })).toBe(command);
});
