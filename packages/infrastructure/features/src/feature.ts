import type { Feature, FeatureSettings } from '@coucou/application/kernel/feature';
import type { Token } from '@coucou/application/kernel/token';
import type { ServerEvent } from '@coucou/contracts/kernel/event';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { StorageParts } from '@coucou/postgres/kit/storage-parts';
import type { z } from 'zod';

/** One name of the environment. Every value is parsed from text, the fallback too. */
export type Setting<T = unknown> = Readonly<{
  about: string;
  /** What to write; ends the sentence "… must be". */
  expects: string;
  schema: z.ZodType<T, string>;
  /** What holds when nothing is given, as text; absent: the value is undefined then. */
  fallback?: string;
  /** Shown in `.env.example`; the fallback without it. */
  example?: string;
  /** Never quoted in a message. */
  secret?: true;
  /** What holds when there is no one fallback. */
  otherwise?: string;
}>;

type Value<S> = S extends Setting<infer T> ? (S extends { fallback: string } ? T : T | undefined) : never;

/** What an operator configures of a feature: names of the environment, and what the port is made of. */
export const settingsOf = <Port, const Names extends Readonly<Record<string, Setting>>>(
  port: Token<Port>,
  names: Names,
  read: (values: { readonly [Name in keyof Names]: Value<Names[Name]> }) => Port,
): FeatureSettings<Setting> => ({ port, names, read: read as FeatureSettings['read'] });

/** A feature of this product, whoever wrote it. */
export type AppFeature = Feature<Operation, ServerEvent, z.ZodType, Setting, StorageParts>;

export const feature = (value: AppFeature): AppFeature => value;
