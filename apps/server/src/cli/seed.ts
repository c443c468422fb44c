import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Authenticated } from '@coucou/contracts/auth/session';
import type { Conversation } from '@coucou/contracts/conversations/conversation';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import { isProduction, pnpmCommand } from '../config/own-command.ts';
import { type PersonName, people, scripts, seedPassword, signupOf } from '../demo/people.ts';
import { ApiError, callApi, isServing } from './api.ts';
import { type Command, CommandError, print } from './command.ts';
import { configuredUrl, serverUrl } from './server-url.ts';

const help = `pnpm cli seed               signs up alice, bob, carol and dan, with a few conversations
pnpm cli seed --url <url>   on the server that runs there, whatever is configured here
pnpm cli seed --size <n>    straight into PostgreSQL: one conversation of n messages, and people with 10, 100 and 1,000 conversations

A running server is found by its data directory, on whatever port. Without one it is started for the time it takes. May be run again: what is there stays.`;

type Person = Readonly<{ id: string; token: string }>;
type People = Readonly<Record<PersonName, Person>>;

export const seed: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { url: { type: 'string' }, size: { type: 'string' } } });
    const { url: told, size } = values;
    if (told !== undefined) {
      if (size !== undefined) throw new CommandError('--size fills the configured database and cannot be combined with --url');
      if (isProduction()) throw refused();
      const url = await serverUrl(told);
      await fill(url);
      return summarize(` --url ${url}`, true);
    }
    const config = (await import('../config.ts')).loadProcessConfig();
    if (config.mode === 'production') throw refused();
    if (size !== undefined) {
      const { seedSize, sizeOf } = await import('./seed-size.ts');
      return seedSize(config, sizeOf(size));
    }
    const url = await configuredUrl(config);
    const running = await isServing(url);
    if (running) await fill(url);
    else await withOwnServer(config, fill);
    summarize('', running);
  },
};

const refused = () => new CommandError('refused in production: the passwords of the sample users are public');

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
  const all = Object.fromEntries(entered) as People;
  for (const script of scripts) {
    const id = await open(url, all, script);
    for (const [index, [sender, content]] of script.lines.entries()) {
      const clientMessageId = idOf(`${id} ${index}`);
      await callApi(url, 'POST', `/conversations/${id}/messages`, { token: all[sender].token, body: { clientMessageId, content } });
    }
  }
}

async function enter(url: string, name: PersonName): Promise<Person> {
  const signup = signupOf(name);
  try {
    return personOf(await callApi(url, 'POST', '/auth/signup', { body: signup }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
  try {
    return personOf(await callApi(url, 'POST', '/auth/login', { body: { username: name, password: signup.password } }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'INVALID_CREDENTIALS') throw error;
    throw new CommandError(`${name} already exists with another password; use another DATA_DIR or database`, {
      cause: error,
    });
  }
}

const personOf = ({ user, accessToken }: z.infer<typeof Authenticated>): Person => ({ id: user.id, token: accessToken });

/** The conversation of a script; one with this title that the same person opened before is taken for it. */
async function open(url: string, all: People, { title, members: [owner, other, ...rest] }: (typeof scripts)[number]): Promise<string> {
  const { token, id: ownerId } = all[owner];
  if (title === undefined)
    return idIn(await callApi(url, 'POST', '/conversations', { token, body: { type: 'direct', userId: all[other].id } }));
  const { items } = await callApi<{ items: z.infer<typeof Conversation>[] }>(url, 'GET', '/conversations?limit=100', { token });
  const known = items.find((each) => each.title === title && each.createdBy === ownerId);
  if (known !== undefined) return known.id;
  const memberIds = [other, ...rest].map((name) => all[name].id);
  return idIn(await callApi(url, 'POST', '/conversations', { token, body: { type: 'group', title, memberIds } }));
}

const idIn = ({ id }: z.infer<typeof Conversation>): string => id;

/** The same for the same line, so that seeding again stores nothing twice. A UUIDv8 (RFC 9562). */
function idOf(text: string): string {
  const hex = createHash('sha256').update(`coucou seed ${text}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
