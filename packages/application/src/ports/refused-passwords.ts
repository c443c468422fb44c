import { token } from '../kernel/token.ts';

/** Passwords that nobody may choose, since everybody knows them; in lower case. */
export type RefusedPasswords = ReadonlySet<string>;
export const RefusedPasswords = token<RefusedPasswords>('RefusedPasswords');
