import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Conversation } from '@coucou/contracts/conversations/conversation';
import { User } from '@coucou/domain/users/user';
import type { z } from 'zod';
import { callApi } from './api.ts';
import { openLine } from './chat/line.ts';
import { findDirect } from './chat/find-conversation.ts';
import { type Login, logIn } from './chat/login.ts';
import { createOutbox } from './chat/outbox.ts';
import { createScreen } from './chat/screen.ts';
import { createTracker, type Line } from './chat/tracker.ts';
import { type Command, UsageError } from './command.ts';
import { seedPassword } from '../demo/people.ts';
import { serverUrl } from './server-url.ts';

const help = `pnpm cli chat --as <username> --to <username> [--password <password>] [--url <url>]

A direct conversation in the terminal. Every line typed is sent; /help lists what else can be typed, /quit or Ctrl-D ends.
The default password is the one that \`pnpm cli seed\` printed. --to also accepts a user id. Without --url the server that runs here is found.`;

/** What `/help` answers. */
const typed = [
  'every line is sent as one message, except:',
  '  /help   this list',
  '  /quit   ends, when everything is sent (Ctrl-D too)',
  '  //text  sends /text, a line that begins with a slash',
];

const RECENT = 20;
/** What the rest may take after /quit. */
const LEAVE_WITHIN_MS = 5_000;

export const chat: Command = {
  help,
  async run(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { as: text, to: text, url: text, password: text } });
    const { as, to, password } = values;
    if (as === undefined || to === undefined) throw new UsageError('--as and --to are required');
    if (User.usernameKey(as) === User.usernameKey(to)) throw new UsageError(`--as and --to are both ${as}; give another user with --to`);
    const url = await serverUrl(values.url);
    const login = await logIn(url, as, password ?? seedPassword(as));
    const { id } = await findDirect(url, await login.token(), to);
    await talk(url, login, { as, to, id });
  },
};

async function talk(url: string, login: Login, { as, to, id }: Readonly<{ as: string; to: string; id: string }>): Promise<void> {
  const screen = createScreen({ input: process.stdin, output: process.stdout });
  /** What was typed here and is not confirmed yet, by its id. */
  const typedLines = new Map<string, string>();
  function show(line: Line): void {
    const { clientMessageId = '', content } = line;
    const echoed = screen.echoes && content !== undefined && typedLines.get(clientMessageId) === content;
    typedLines.delete(clientMessageId);
    if (!echoed) screen.show(line, line.senderId === login.userId ? as : to);
  }

  // The version first: what is posted between the two answers is shown now, and once more told by sync, which shows nothing twice.
  const token = await login.token();
  const { version } = await callApi<z.infer<typeof Conversation>>(url, 'GET', `/conversations/${id}`, { token });
  const { items } = await callApi<{ items: Line[] }>(url, 'GET', `/conversations/${id}/messages?limit=${RECENT}`, { token });
  for (const line of items) show(line);

  let wasUp = false;
  const line = openLine({
    url,
    login,
    conversationId: id,
    onUp() {
      screen.say(wasUp ? 'reconnected' : `connected to ${url} as ${as}; type to ${to}, /help lists what can be typed, /quit ends`);
      wasUp = true;
      outbox.setOnline(true);
      void tracker.catchUp();
    },
    onDown(reason) {
      outbox.setOnline(false);
      screen.say(`connection lost (${reason}); reconnecting`);
    },
    onChange: (change) => void tracker.receive(change),
    onLost: () => void tracker.catchUp(),
  });
  const tracker = createTracker({ version, shown: items, sync: (from) => line.sync(from), show });
  const outbox = createOutbox({
    async send(message) {
      typedLines.set(message.clientMessageId, message.content);
      const outcome = await line.send(message);
      if (outcome.status === 'stored') void missing(outcome.version);
      return outcome;
    },
    newId: randomUUID,
    refused: ({ content }, reason) => screen.say(`not sent: ${content} (${reason})`),
    pause: () => pause(1_000),
  });

  /** What is stored is announced at once; if nothing came, the announcement was lost. */
  async function missing(stored: number): Promise<void> {
    await pause(1_000, undefined, { ref: false });
    if (tracker.version < stored) await tracker.catchUp();
  }

  const left = Promise.withResolvers<void>();
  screen.onLine((text) => {
    const word = text.trim();
    if (word === '/quit') left.resolve();
    else if (word === '/help') for (const each of typed) screen.say(each);
    else if (/^\/[a-z]*$/.test(word)) screen.say(`${word} is no command; /help lists them, and /${word} sends it as text`);
    else if (word !== '') outbox.add(word.startsWith('//') ? word.slice(1) : text);
  });
  await Promise.race([left.promise, screen.ended]);
  const leaving = new AbortController();
  await Promise.race([outbox.sent().then(tracker.catchUp), pause(LEAVE_WITHIN_MS, undefined, leaving)]);
  leaving.abort();
  if (outbox.pending > 0) {
    screen.say(`${outbox.pending} not sent`);
    process.exitCode = 1;
  }
  line.close();
  screen.close();
}
