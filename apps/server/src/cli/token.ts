import { parseArgs } from 'node:util';
import { seedPassword } from '../demo/people.ts';
import { logIn } from './chat/login.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';
import { serverUrl } from './server-url.ts';

const help = `pnpm cli token <username> [--password <password>]   signs in, and prints an access token with lines that use it
  --json                                           print {url, userId, accessToken, accessTokenExpiresAt} instead
  --url <url>                                      the server; without it the one that runs here

The default password is the one that \`pnpm cli seed\` printed. Anyone who holds the token acts as this user until it expires.`;

export const token: Command = {
  help,
  async run(args) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { password: text, url: text, json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [username] = positionals;
    if (username === undefined || positionals.length !== 1) throw new UsageError('name one user');
    const url = await serverUrl(values.url);
    const login = await logIn(url, username, values.password ?? seedPassword(username));
    const accessToken = await login.token();
    const { userId, expiresAt } = login;
    // It goes into lines that are pasted into a shell, and the server may be anybody's.
    if (!/^[\w.-]+$/.test(accessToken) || !/^[\d-]+T[\d:.]+Z$/.test(expiresAt()))
      throw new CommandError(`what ${url} answered is no access token; check the address`);
    if (values.json) return print(JSON.stringify({ url, userId, accessToken, accessTokenExpiresAt: expiresAt() }));
    print(lines({ url, username, accessToken, expiresAt: expiresAt() }));
  },
};

type Shown = Readonly<{ url: string; username: string; accessToken: string; expiresAt: string }>;

/** Both lines can be pasted into a shell as they are: a token consists of letters, digits and `.-_`. */
const lines = ({ url, username, accessToken, expiresAt }: Shown): string => `The access token of ${username}, until ${expiresAt}:

${accessToken}

curl -H 'Authorization: Bearer ${accessToken}' '${url}/api/v1/conversations'

npx -y wscat -c '${url.replace(/^http/, 'ws')}/ws' -w -1 -x '["connect",{"token":"${accessToken}"}]'`;
