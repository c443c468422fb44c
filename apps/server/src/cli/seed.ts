import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { isProduction } from '../config/mode.ts';
import { pnpmCommand } from '../config/own-command.ts';
import { type CallAs, fillConversations, type People, type Person } from '../demo/conversations.ts';
import { type PersonName, people, scripts, seedPassword, signupOf } from '../demo/people.ts';
import { ApiError, callApi, isServing } from './api.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';
import { configuredUrl, serverUrl } from './server-url.ts';

const help = `pnpm cli seed               signs up alice, bob, carol and dan, with a few conversations
pnpm cli seed --url <url>   on the server that runs there, whatever is configured here
pnpm cli seed --size <n>    straight into PostgreSQL: one conversation of n messages, and people with 10, 100 and 1,000 conversations

A running server is found by its data directory, on whatever port. Without one it is started for the time it takes. May be run again: what is there stays.`;

export const seed: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' }, size: { type: 'string' } } });
    const { url: given, size } = values;
    if (given !== undefined) {
      if (size !== undefined) throw new UsageError('--size fills the configured database and cannot be combined with --url');
      if (isProduction()) throw refused();
      const url = await serverUrl(given);
      await fill(url);
      return summarize(` --url ${url}`, true);
    }
    const config = (await import('../config.ts')).loadProcessConfig();
    if (config.mode === 'production') throw refused();
    if (size !== undefined) {
      const { seedSize, sizeOf } = await import('./seed-size.ts');
      return seedSize(config, sizeOf(size));
    }
    if (!config.conveniences) throw notHere();
    const url = await configuredUrl(config);
    const running = await isServing(url);
    if (running) await fill(url);
    else await withOwnServer(config, fill);
    summarize('', running);
  },
};

const refused = () => new CommandError('refused in production: the passwords of the sample users are public');

/** With them it would not start any more. */
const notHere = () =>
  new CommandError(
    'refused: the passwords of the demo people are public, and this server is not for this machine alone; leave out HOST, TRUST_PROXY and PUBLIC_URL',
  );

function summarize(flag: string, running: boolean): void {
  print(`${scripts.length} conversations between these users:\n\n  username  password`);
  for (const name of people) print(`  ${name.padEnd(10)}${seedPassword(name)}`);
  print('\nNext, in two terminals:\n');
  if (!running) print(`  ${pnpmCommand} start`);
  print(`  ${pnpmCommand} cli chat --as alice --to bob${flag}\n  ${pnpmCommand} cli chat --as bob --to alice${flag}`);
}

async function withOwnServer(config: Config, work: (url: string) => Promise<void>): Promise<void> {
  const { createApp } = await import('../app.ts');
  const app = await createApp({ ...config, host: '127.0.0.1', port: 0, warnings: [], log: { ...config.log, level: 'error' } });
  try {
    await work((await app.listen()).url);
  } finally {
    await app.close();
  }
}

async function fill(url: string): Promise<void> {
  const entered = await Promise.all(people.map(async (name) => [name, await enter(url, name)] as const));
  await fillConversations(Object.fromEntries(entered) as People, overHttp(url));
}

/** Path parameters come from the input; the rest is the query or the body. */
const overHttp =
  (url: string): CallAs =>
  ({ accessToken: token }, { name, http }, input) => {
    if (http === undefined || (http.method !== 'GET' && http.method !== 'POST')) throw new Error(`seeding does not call ${name}`);
    const rest = new Map(Object.entries(input));
    const path = http.path.replaceAll(/:(\w+)/g, (_, key: string) => {
      const value = String(rest.get(key));
      rest.delete(key);
      return encodeURIComponent(value);
    });
    if (http.method === 'POST') return callApi(url, 'POST', path, { token, body: Object.fromEntries(rest) });
    const query = new URLSearchParams(Object.fromEntries([...rest].map(([key, value]) => [key, String(value)])));
    return callApi(url, 'GET', `${path}?${query}`, { token });
  };

async function enter(url: string, name: PersonName): Promise<Person> {
  const signup = signupOf(name);
  try {
    return await callApi(url, 'POST', '/auth/signup', { body: signup });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
  try {
    return await callApi(url, 'POST', '/auth/login', { body: { username: name, password: signup.password } });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'INVALID_CREDENTIALS') throw error;
    throw new CommandError(`${name} already exists with another password; use another DATA_DIR or database`, {
      cause: error,
    });
  }
}
