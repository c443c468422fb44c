import { distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import type { AppFeature, Setting } from '@coucou/features/feature';
import { providerSettings } from './sign-in.ts';
import { allSettings, belongsToAnotherFeature, type SettingName, type Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type Value<S> = S extends { schema: z.ZodType<infer T> } ? (S extends { fallback: string } ? T : T | undefined) : never;
export type Values = { readonly [Name in SettingName]: Value<Settings[Name]> };

export type Reading = Readonly<{
  /** Complete when there are no faults. */
  values: Values;
  /** What features read, by name. */
  featureValues: Readonly<Record<string, unknown>>;
  /** Names that were given a value, right or wrong. */
  given: ReadonlySet<string>;
  faults: string[];
  warnings: string[];
}>;

/** Reads every setting, from its own name or from the file that `NAME_FILE` names, and collects every fault. */
export function readSettings(env: Environment, readFile: (path: string) => string, features: readonly AppFeature[]): Reading {
  const settings = { ...allSettings(features), ...providerSettings(env) };
  const faults: string[] = [];
  const given = new Set<string>();
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      const { schema, fallback } = setting;
      const raw = rawValue(name, env, readFile, faults);
      if (raw !== undefined) given.add(name);
      const text = typeof raw === 'string' ? raw : fallback;
      if (text === undefined) return [name, undefined];
      const parsed = schema.safeParse(text);
      if (!parsed.success) faults.push(fault(name, setting, text));
      return [name, parsed.data];
    }),
  );
  return { values: values as Values, featureValues: values, given, faults, warnings: warningsAbout(env, settings) };
}

/** The given text; `unreadable` when it could not be read; undefined when not given. An empty value counts as not given. */
function rawValue(name: string, env: Environment, readFile: (path: string) => string, faults: string[]) {
  const plain = env[name] || undefined;
  const path = env[`${name}_FILE`] || undefined;
  if (path === undefined) return plain;
  if (plain !== undefined) {
    faults.push(`${name} and ${name}_FILE are both set; keep one of them`);
    return unreadable;
  }
  try {
    const text = readFile(path).replace(/\r?\n$/, '');
    if (text !== '') return text;
    faults.push(`${name}_FILE names ${path}, which is empty; write the value into it`);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    faults.push(`${name}_FILE names ${path}, which cannot be read (${code}); check the path and its permissions`);
  }
  return unreadable;
}
const unreadable = Symbol('unreadable');

function fault(name: string, { expects, fallback = '', example = fallback, secret }: Setting, text: string): string {
  const what = secret ? `${name} must be ${expects}` : `${name} is ${JSON.stringify(text)}, but must be ${expects}`;
  return example === '' ? what : `${what}; for example ${name}=${example}`;
}

const baseName = (name: string): string => (name.endsWith('_FILE') && name !== 'LOG_FILE' ? name.slice(0, -'_FILE'.length) : name);

function warningsAbout(env: Environment, settings: Readonly<Record<string, Setting>>): string[] {
  const names = Object.keys(env).filter((name) => env[name] !== undefined && env[name] !== '');
  const isIdle = (name: string) => !(baseName(name) in settings) && belongsToAnotherFeature(baseName(name));
  const idle = names.filter(isIdle);
  const warnings = names.flatMap((name) => {
    const meant = isIdle(name) ? undefined : nearMiss(name, settings);
    return meant === undefined ? [] : [`${name} is not a known setting; did you mean ${meant}?`];
  });
  if (idle.length > 0) {
    const [verb, features] = idle.length === 1 ? ['belongs', 'a feature that is'] : ['belong', 'features that are'];
    warnings.push(
      `${idle.toSorted().join(', ')} ${verb} to ${features} not in this version, and ${idle.length === 1 ? 'has' : 'have'} no effect`,
    );
  }
  return warnings;
}

/** A name that apps of others often have, and that is one letter from APP_URL. */
const WITH_OTHERS = 'API_URL';

/** The setting that was probably meant. Short names tolerate one typing error only: HOME is not HOST. */
function nearMiss(name: string, settings: Readonly<Record<string, Setting>>): string | undefined {
  const base = baseName(name);
  if (base in settings || base === WITH_OTHERS || base !== base.toUpperCase()) return undefined;
  return Object.keys(settings).find((known) => distance(base, known) <= (known.length > 5 ? 2 : 1));
}
