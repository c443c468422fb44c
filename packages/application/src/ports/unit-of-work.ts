import type { AccountId } from '@coucou/domain/kernel/ids';
import type { DomainEvent } from '../kernel/event.ts';
import { type Derived, type Ports, type Token, token } from '../kernel/token.ts';
import type { SystemRepository } from './system-repository.ts';

/** Repositories exist inside a transaction only, and are reached by their token. */
export type Transaction = Readonly<{ repository: <Repository>(token: Token<Repository>) => Repository }>;

export type Emitting = Readonly<{
  /** Durable consequences are stored with the transaction; live ones are published after its commit, in order. */
  emit(...events: readonly DomainEvent[]): void;
}>;

/** Why code may look across accounts; each reason has its own tested allow-list of tables. */
export type SystemReason = 'authenticate' | 'signing-keys' | 'outbox' | 'accounts' | 'files' | 'erasures';

/**
 * Transactions. Every statement inside sees one account only (row-level security). Work may be run again after a deadlock or a
 * serialisation failure: it must have no effect but through its repositories. A transaction inside another throws.
 */
export interface Transactions {
  read<T>(account: AccountId, work: (tx: Transaction) => Promise<T>): Promise<T>;
  write<T>(account: AccountId, work: (tx: Transaction & Emitting) => Promise<T>): Promise<T>;
  /** Without an account, under a role that reaches only what the reasons need. */
  system<T>(reason: SystemReason, work: (tx: SystemRepository) => Promise<T>): Promise<T>;
}
export const Transactions = token<Transactions>('Transactions');

/** The repositories of a transaction that may write. */
export type Writing<Repositories = unknown> = Repositories & Emitting;

/** The transactions of one use-case, with the repositories that it named. */
export interface UnitOfWork<Repositories> {
  read<T>(account: AccountId, work: (tx: Repositories) => Promise<T>): Promise<T>;
  write<T>(account: AccountId, work: (tx: Writing<Repositories>) => Promise<T>): Promise<T>;
  system<T>(reason: SystemReason, work: (tx: SystemRepository) => Promise<T>): Promise<T>;
}

export type RepositoryTokens = Readonly<Record<string, Token<unknown>>>;

/** `deps: { uow: unitOfWork({ users: Users }) }`: one that nobody provides is a start-up fault. */
export const unitOfWork = <const Tokens extends RepositoryTokens>(tokens: Tokens): Derived<UnitOfWork<Ports<Tokens>>> => ({
  needs: [Transactions],
  repositories: Object.values(tokens),
  make: (resolve) => withRepositories(resolve(Transactions), tokens),
});

export function withRepositories<const Tokens extends RepositoryTokens>(
  transactions: Transactions,
  tokens: Tokens,
): UnitOfWork<Ports<Tokens>> {
  const named = Object.entries(tokens);
  const repositoriesOf = (tx: Transaction) => Object.fromEntries(named.map(([name, key]) => [name, tx.repository(key)])) as Ports<Tokens>;
  return {
    read: (account, work) => transactions.read(account, (tx) => work(repositoriesOf(tx))),
    write: (account, work) => transactions.write(account, (tx) => work({ ...repositoriesOf(tx), emit: tx.emit })),
    system: (reason, work) => transactions.system(reason, work),
  };
}
