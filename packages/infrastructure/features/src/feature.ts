import type { Feature, FeatureSettings } from '@coucou/application/kernel/feature';
import type { Token } from '@coucou/application/kernel/token';
import type { ServerEvent } from '@coucou/contracts/kernel/event';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { StorageParts } from '@coucou/postgres/kit/storage-parts';
import type { z } from 'zod';

/** One setting. Values are parsed from text, including the fallback. */
export type Setting<T = unknown> = Readonly<{
  about: string;
  /** Completes the sentence "… must be". */
  expects: string;
  schema: z.ZodType<T, string>;
  /** The default, as text; without it the value is undefined when not given. */
  fallback?: string;
  /** Shown in `.env.example`; the fallback without it. */
  example?: string;
  /** Never quoted in a message. */
  secret?: true;
  /** Describes the default when it is not a fixed value. */
  otherwise?: string;
}>;

type Value<S> = S extends Setting<infer T> ? (S extends { fallback: string } ? T : T | undefined) : never;

/** Configuration of a feature: names of the environment, and how the port is built from them. */
export const settingsOf = <Port, const Names extends Readonly<Record<string, Setting>>>(
  port: Token<Port>,
  names: Names,
  read: (values: { readonly [Name in keyof Names]: Value<Names[Name]> }) => Port,
): FeatureSettings<Setting> => ({ port, names, read: read as FeatureSettings['read'] });

/** A feature, of the core or of another package. */
export type AppFeature = Feature<Operation, ServerEvent, z.ZodType, z.ZodObject, Setting, StorageParts>;

export const feature = (value: AppFeature): AppFeature => value;
