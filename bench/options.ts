import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Where figures and profiles go. */
export const results = fileURLToPath(new URL('./results/', import.meta.url));

export const HELP = `pnpm bench <send|append|history|inbox|cached|receipts|logins|outbox|horizon|idle|nodes|storm|restart|presence|stalled|outage|slopes|retention|versus> [options]

  send    a direct message through the product, beside a relay, the append function alone and the tutorial way
  append  the append function alone: what the database gives, the same as send --only append
  history   a page of 50 over HTTP beside the raw named query through pg, in conversations of 10,000 and 100,000 messages
  inbox     the list of conversations of people with 10, 100 and 1,000 of them, beside its raw named query
  cached    the conversation list, the newest page of a history and the own profile: uncached, 304 and cached, beside a bare Fastify route with the same bytes
  receipts  1,000 read marks in a busy group through the product's log, beside one UPDATE each
  logins    logins over HTTP beside a raw argon2 loop, and direct messages while more logins arrive than can be hashed beside messages alone
  outbox    from a message's commit to its effect at a fixed rate, and how fast a backlog of side effects is worked off
  horizon   messages and their effects while one session idles in a transaction, beside a database without one
  idle      memory and processor time of sockets that say nothing, in 20 conversations each, beside stock Socket.IO
  nodes     two nodes and Redis, who sends at one and who receives at the other, beside two stock nodes with the sharded adapter
  storm     all clients are cut at once, each misses messages, and all come back at once, beside handshakes alone
  restart   one of two nodes is restarted: how soon its clients are back at the other one and synced, beside what that one lets in, and delivery times there
  presence  who types and who is away in groups of ten, beside volatile emits of stock Socket.IO, and commands of Redis per connect and disconnect
  stalled   20 of 1,000 readers stop reading: delivery times of the others, and the memory that each takes
  outage    messages at one of two nodes while Redis is stopped, beside Redis there, and how soon the other node has heard of all
  slopes    direct messages beside more idle sockets, of people in more conversations, and at more nodes
  retention a million messages of a group are archived and trimmed while people send and read in it, beside the same without
  versus <checkout> …  send, history and inbox of other checkouts' products and of this one, in turns: what a change costs

  --smoke             once through in about 15 s; only the counts decide
  --rounds <n>        rounds that count (5); each is relay, product, append, tutorial and back
  --seconds <n>       of each phase (3; restart: 5); horizon: how long the session idles (600); idle: how long they are watched (60)
  --size <n>          history: the larger conversation; from 1,000,000 on also 10,000 and 100,000 (100,000; smoke: 3,000); outbox: the backlog (20,000); horizon: messages of each turn (5,000); idle: sockets (2,000); storm, restart: clients (3,000); presence: people (1,000); stalled: readers (1,000); slopes: idle sockets (8,000)
  --requests <n>      history, inbox, cached: pages of each turn (history 1,000, inbox 300, cached 800)
  --conversations <n> direct conversations, two clients each (200; logins: 50; outage: 100; slopes: 20; smoke: 40)
  --in-flight <n>     messages in flight per conversation under full load (4)
  --rate <n>          messages per second for the latency (default: 30 % of the relay's most, capped; logins, outbox: 500; stalled: 10; restart: 50)
  --logins <n>        logins per second of the flood (200)
  --settings <which>  send: what settings cost beside none: limits (those of .env.example) or traces (to a collector here) (20 rounds, 1,500 conversations)
  --only <names>      comma-separated: relay,product,append,tutorial; versus: send,effects,history,inbox; slopes: sockets,conversations,nodes
  --profile           the product writes a processor profile to bench/results
  --json <file>       where the figures go (bench/results/<scenario>-<time>.json)`;

export const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    smoke: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string' },
    requests: { type: 'string' },
    seconds: { type: 'string' },
    conversations: { type: 'string' },
    'in-flight': { type: 'string', default: '4' },
    rate: { type: 'string' },
    logins: { type: 'string', default: '200' },
    settings: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});

export function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`);
  return number;
}
