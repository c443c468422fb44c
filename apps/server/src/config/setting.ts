import type { Setting } from '@coucou/features/feature';
import { z } from 'zod';

type WithFallback<T> = Setting<T> & Readonly<{ fallback: string }>;

export const setting = <T>(definition: Setting<T>): Setting<T> => definition;
export const settingOr = <T>(fallback: string, definition: Setting<T>): WithFallback<T> => ({ ...definition, fallback });

export const integer = (min: number, max: number) => z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max));

/** Long enough, and with enough distinct characters. */
export const isStrongSecret = (value: string): boolean => Buffer.byteLength(value) >= 32 && new Set(value).size >= 8;

/** A secret that is sent as a bearer token, so of the characters that RFC 6750 allows. */
export const bearerToken = z
  .string()
  .regex(/^[\w.~+/=-]+$/)
  .refine(isStrongSecret);
export const bearerTokenExpected = 'at least 32 letters, digits and ._~+/=-, for example the output of `openssl rand -hex 32`';

export const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)) && isEscaped(new URL(value)));

/** A `%` without a valid escape, usually in a password, would fail wherever the URL is used. */
function isEscaped({ username, password, pathname }: URL): boolean {
  try {
    return decodeURIComponent(username + password + pathname) !== undefined;
  } catch {
    return false;
  }
}

/** An address that paths are put after. */
export const httpBase = url('http', 'https')
  .refine((value) => !/[?#]/.test(value))
  .transform((value) => value.replace(/\/+$/, ''));
