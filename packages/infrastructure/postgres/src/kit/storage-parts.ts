import type { Token } from '@coucou/application/kernel/token';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import type { Kysely } from 'kysely';
import type { ReadPools } from '../standby/standby.ts';
import type { PersonalData } from '../schema/personal-data.ts';
import type { SchemaSet } from '../schema/schema-set.ts';
import type { SessionPool } from './session.ts';

/** A repository, made for each transaction that asks for it. */
export type RepositoryPart = Readonly<{ token: Token<unknown>; make: (db: Kysely<never>, personalData: PersonalData) => unknown }>;

/** `DB` names the tables that the repository uses, its feature's own and others'. */
export const repository = <Repository, DB>(
  token: Token<Repository>,
  make: (db: Kysely<DB>, personalData: PersonalData) => Repository,
): RepositoryPart => ({
  token,
  make: make as unknown as RepositoryPart['make'],
});

export type ReaderSource = Readonly<{
  pool: SessionPool;
  /** For what a standby may answer: nothing that decides a write, and no part of one. Without a standby, the pool itself. */
  reads: ReadPools;
  transactions: Transactions;
  /** Changes when the database was restored from a back-up. */
  epoch: string;
  /** The map of all tables, the core's and the features'. */
  personalData: PersonalData;
}>;

/** A port that reads on its own, outside any transaction of a use-case; made once. */
export type ReaderPart = Readonly<{ token: Token<unknown>; make: (source: ReaderSource) => unknown }>;

export const reader = <Reader>(token: Token<Reader>, make: (pool: SessionPool, source: ReaderSource) => Reader): ReaderPart => ({
  token,
  make: (source) => make(source.pool, source),
});

/** The storage of a feature. */
export type StorageParts = Readonly<{
  repositories?: readonly RepositoryPart[];
  readers?: readonly ReaderPart[];
  /** Tables and functions of its own. */
  schema?: SchemaSet;
}>;

/** The schema sets that features bring beside the core's own, in the order of the features. */
export const schemaSetsOf = (parts: readonly StorageParts[]): readonly SchemaSet[] => parts.flatMap(({ schema = [] }) => schema);
