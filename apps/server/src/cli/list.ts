import { styleText } from 'node:util';

/** A command as the list of commands shows it. */
export type Listed = Readonly<{ name: string; summary: string }>;

/** Commands that are in none of these are under Operations. */
const groups: Readonly<Record<string, readonly string[]>> = {
  Everyday: ['seed', 'chat', 'token', 'demo'],
  Database: ['migrate', 'upgrade', 'backup', 'restore', 'restored', 'verify', 'move'],
  'Accounts and people': [
    'create-account',
    'create-admin',
    'mint-token',
    'revoke-sessions',
    'rotate-keys',
    'suspend',
    'limits',
    'word-list',
    'import',
    'import-users',
    'export',
    'export-user',
  ],
  Operations: [],
  Development: ['completion', 'generate'],
};

/** The commands by group, coloured where `stream` is a terminal and NO_COLOR does not forbid it. */
export function listOf(commands: readonly Listed[], stream: NodeJS.WriteStream = process.stdout): string {
  const bold = (text: string) => styleText('bold', text, { stream });
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const groupOf = (name: string) => Object.keys(groups).find((group) => groups[group]?.includes(name)) ?? 'Operations';
  const parts = Object.keys(groups).map((group) => {
    const lines = commands
      .filter(({ name }) => groupOf(name) === group)
      .map(({ name, summary }) => `  ${bold(name)}${' '.repeat(width - name.length)}${summary}`);
    return [group, ...lines, ''].join('\n');
  });
  return [
    'pnpm cli <command>',
    '',
    ...parts,
    'pnpm cli <command> --help prints the options, pnpm cli --version the version.',
    'Exit codes: 0 done, 1 failed or found a fault, 2 called in a wrong way.',
  ].join('\n');
}
