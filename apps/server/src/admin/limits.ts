import { parseArgs } from 'node:util';
import { getAccountLimits, putAccountLimits } from '@coucou/application/accounts/account-limits';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { putAccountLimits as contract } from '@coucou/contracts/accounts/limits';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { Rate } from '@coucou/domain/kernel/rate';
import { rates, ratesExpected } from '@coucou/features/rates';
import { UsageError } from '../cli/command.ts';
import type { AdminCommand } from './admin-command.ts';
import { inAccount } from './in-account.ts';

const help = `pnpm cli limits                                   print the limits that hold in an account
pnpm cli limits --set <name>=<limit> …            put one in place of the server's
pnpm cli limits --reset <name> …                  as the server has it again
  --json                                          one object per limit: {name, limit, granted}
  --account <key>                                 client key of the account (default: default)

pnpm cli limits --account acme --set user-messages=60/60,20/5 --set connections=50
pnpm cli limits --account acme --reset connections

Names: rest, socket-events, user-messages, conversation-messages (counts per seconds as in the settings LIMIT_*, or off), and
connections (a count: sockets of one person on one node). Servers apply a change within two seconds. Safe to run while servers run: on
PostgreSQL it works on the database, and with the embedded database a running server carries it out.`;

const names = {
  rest: 'rest',
  'socket-events': 'socketEvents',
  'user-messages': 'userMessages',
  'conversation-messages': 'conversationMessages',
  connections: 'connections',
} as const satisfies Readonly<Record<string, keyof AccountLimits>>;
type Name = keyof typeof names;

function named(name: string): Name {
  if (Object.hasOwn(names, name)) return name as Name;
  throw new UsageError(`there is no limit ${JSON.stringify(name)}; there are ${Object.keys(names).join(', ')}`);
}

/** As the contract takes it, which is checked with all of them. */
function readLimit(name: Name, text: string): number | readonly Rate[] {
  if (name === 'connections') return Number(text);
  const read = rates.safeParse(text);
  if (!read.success) throw new UsageError(`${name} must be ${ratesExpected}`);
  return read.data;
}

function given(sets: readonly string[], resets: readonly string[]): AccountLimits {
  const changes: Record<string, unknown> = {};
  for (const set of sets) {
    const [name = '', text] = set.split('=', 2);
    if (text === undefined) throw new UsageError('--set takes a name and a limit, such as user-messages=60/60');
    changes[names[named(name)]] = readLimit(named(name), text);
  }
  for (const name of resets) {
    if (Object.hasOwn(changes, names[named(name)])) throw new UsageError(`give either --set or --reset of ${name}`);
    changes[names[named(name)]] = undefined;
  }
  const checked = contract.input.omit({ clientKey: true }).safeParse(changes);
  if (checked.success) return changes;
  throw new UsageError(checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
}

function shown(limit: number | readonly Rate[] | undefined): string {
  if (typeof limit === 'number') return String(limit);
  return limit?.map(({ limit: most, windowSeconds }) => `${most}/${windowSeconds}`).join() || 'off';
}

export const limits: AdminCommand = {
  help,
  prepare(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        account: { type: 'string', default: 'default' },
        set: { type: 'string', multiple: true, default: [] },
        reset: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
      },
    });
    const { account: clientKey, set, reset, json } = values;
    const changes = given(set, reset);
    return (context) =>
      inAccount(context, clientKey, async (account) => {
        const { ports, print } = context;
        const call = operatorCall(account);
        let found = await getAccountLimits.run(ports.portsOf(getAccountLimits.deps), { clientKey }, call);
        if (set.length + reset.length > 0) {
          const own = JSON.parse(JSON.stringify({ ...found.own, ...changes })) as AccountLimits;
          found = await putAccountLimits.run(ports.portsOf(putAccountLimits.deps), { clientKey, ...own }, call);
        }
        for (const [name, field] of Object.entries(names)) {
          const [limit, granted] = [shown(found.inForce[field]), found.own[field] !== undefined];
          print(
            json ? JSON.stringify({ name, limit, granted }) : `${name.padEnd(24)}${limit}${granted ? `  (granted to ${clientKey})` : ''}`,
          );
        }
      });
  },
};
