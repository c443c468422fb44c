import { parseArgs } from 'node:util';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { auditEntry, auditPorts } from '@coucou/application/audit/record-audit';
import { type DeadLetterFilter, DeadLetters, type JobCounts } from '@coucou/application/ports/dead-letters';
import { type DeadLetter, deadLetterActions } from '@coucou/domain/jobs/dead-letter';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand, AdminContext } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli jobs status                        print what is due, waits, runs and was given up, by type of event
pnpm cli jobs list                          print the side effects that were given up, the newest first
pnpm cli jobs show <id> …                   print all that is known of some, as JSON
pnpm cli jobs retry <id> … | --all          try them again, within seconds and as often as at first
pnpm cli jobs drop <id> … | --all           forget them, and what they should have caused
  --account <key>                           only those of the account with this client key
  --limit <n>                               list: at most so many (default: 50)
  --json                                    status, list, show: one object per line

pnpm cli jobs list --account default
pnpm cli jobs retry --all

A side effect (a search entry, a notification, a mail) is given up after twelve attempts over half an hour; the log then says "gave up on
an event" with its id, and /health/ready counts them under outbox. Safe to run while servers run: on PostgreSQL it works on the database,
and with the embedded database a running server carries it out.`;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const actions = ['status', 'list', 'show', 'retry', 'drop'] as const;

export const jobs: AdminCommand = {
  help,
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        account: { type: 'string' },
        limit: { type: 'string', default: '50' },
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const [word, ...ids] = positionals;
    const action = actions.find((each) => each === word);
    const wrong = (what: string) => new UsageError(what);
    if (action === undefined) throw wrong(`give one of ${actions.join(', ')}`);
    const limit = Number(values.limit);
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 1_000)) throw wrong('--limit must be a whole number from 1 to 1000');
    const takesNoIds = action === 'list' || action === 'status';
    if (takesNoIds && ids.length > 0) throw wrong(`\`jobs ${action}\` takes no event ids; use \`jobs show <id>\``);
    if (!takesNoIds && (values.all && action !== 'show' ? ids.length > 0 : ids.length === 0))
      throw wrong(action === 'show' ? 'give the ids' : 'give the ids, or --all instead');
    if (values.json && (action === 'retry' || action === 'drop')) throw wrong('--json is for `jobs status`, `list` and `show`');
    for (const id of ids) if (!UUID.test(id)) throw wrong(`${JSON.stringify(id)} is no id of a side effect`);
    return async (context) => {
      const perform = (account?: AccountId) =>
        carryOut(context, action, { account, ids: ids.length > 0 ? ids : undefined }, action === 'list' ? limit : ids.length, values.json);
      await (values.account === undefined ? perform() : inAccount(context, values.account, (account) => perform(account)));
    };
  },
};

async function carryOut(
  { ports, print }: AdminContext,
  action: (typeof actions)[number],
  filter: DeadLetterFilter,
  limit: number,
  json: boolean,
): Promise<void> {
  const letters = ports.resolve(DeadLetters);
  if (action === 'status') {
    const counts = await letters.count(filter);
    if (json) return counts.forEach((each) => print(JSON.stringify(each)));
    if (counts.length === 0) print('Nothing is due, and nothing was given up.');
    for (const each of counts) print(countsOf(each));
    return;
  }
  if (action === 'list' || action === 'show') {
    const found = await letters.list(filter, limit);
    if (json) return found.forEach((letter) => print(JSON.stringify(letter)));
    if (found.length === 0) print('Nothing was given up.');
    for (const letter of found) print(action === 'list' ? lineOf(letter) : JSON.stringify(letter, undefined, 2));
    if (action === 'list' && found.length === limit) print(`There may be more: --limit ${limit * 2}`);
    return;
  }
  const audited = ports.portsOf(auditPorts);
  const [does, deed] =
    action === 'retry'
      ? ([letters.retry, deadLetterActions.dead_letters_retried] as const)
      : ([letters.drop, deadLetterActions.dead_letters_dropped] as const);
  const count = await does(filter, (account, of) => auditEntry(audited, operatorCall(account), deed, { details: { count: of } }));
  const what = count === 1 ? '1 side effect' : `${count} side effects`;
  print(action === 'retry' ? `${what} will be tried again.` : `${what} dropped.`);
}

/** One line, whatever the error says. */
const lineOf = ({ id, type, attempts, diedAt, error }: DeadLetter): string =>
  `${id}  ${diedAt.toISOString()}  ${type}  ${attempts} attempts  ${error.replaceAll(/\s+/g, ' ').slice(0, 200)}`;

const countsOf = ({ type, due, queued, running, progress, later, dead, oldestSeconds }: JobCounts): string =>
  `${type}  ${due} due  ${queued} claimed  ${running} running${progress === null ? '' : ` (${Math.floor(progress * 100)} %)`}  ${later} later  ${dead} given up  oldest ${Math.round(oldestSeconds)} s`;
