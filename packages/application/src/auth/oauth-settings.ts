import { token } from '../kernel/token.ts';

/** Addresses to which a sign-in may return, as URL parsers write them, in addition to those of the account. */
export type OauthSettings = Readonly<{ returnTo: readonly string[] }>;
export const OauthSettings = token<OauthSettings>('OauthSettings');
