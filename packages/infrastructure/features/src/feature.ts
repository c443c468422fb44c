import type { Feature } from '@coucou/application/kernel/feature';
import type { ServerEvent } from '@coucou/contracts/kernel/event';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { StorageParts } from '@coucou/postgres/kit/storage-parts';
import type { z } from 'zod';

/** One name of the environment. Every value is parsed from text, the fallback too. */
export type Setting<T = unknown> = Readonly<{
  about: string;
  /** What to write; ends the sentence "… must be". */
  expects: string;
  example: string;
  schema: z.ZodType<T, string>;
  /** Never quoted in a message. */
  secret?: true;
  /** What holds when nothing is given, as text. */
  fallback?: string;
  /** What holds when there is no one fallback. */
  otherwise?: string;
}>;

/** A feature of this product, whoever wrote it. */
export type AppFeature = Feature<Operation, ServerEvent, z.ZodType, Setting, StorageParts>;

export const feature = (value: AppFeature): AppFeature => value;
