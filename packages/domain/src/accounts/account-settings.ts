/** What an account's administrators decide; absent values are the defaults of the server. */
export type AccountSettings = Readonly<{
  /** Who may sign up: anybody, those with an invite, or only whom an administrator creates. */
  signup: 'open' | 'invite' | 'closed';
  /** Domains that e-mail addresses of new people must have, in lower case; any when empty. */
  emailDomains: readonly string[];
  /** `nist-aal1`: 15 characters where the password is the only factor (NIST SP 800-63B-4). */
  passwordPolicy: 'default' | 'nist-aal1';
  /** Lifetimes in seconds. */
  accessTokenTtlSeconds: number | undefined;
  refreshTokenTtlSeconds: number | undefined;
  /** How long a session may last, however much it is used; without an end where absent. */
  sessionLifetimeSeconds: number | undefined;
  adminsNeedSecondFactor: boolean;
  /** Whether guests may come in. */
  guests: boolean;
  /** Whether sessions are bound to a key of the client (DPoP). */
  boundSessions: boolean;
  /** Whether people act only after their e-mail address is verified (`awaitsProof`). */
  emailVerificationRequired: boolean;
  /** BCP 47: of mails to people who chose none; English where absent. */
  locale: string | undefined;
  /** The client app's address, for links in mails. */
  appUrl: string | undefined;
  /** Addresses to which a login may return. */
  returnTo: readonly string[];
}>;

/** Who changes these decides how owners sign in: where the links of their mails and their sign-ins at providers lead, and whether a password suffices. */
export const settingsOfOwners: readonly (keyof AccountSettings)[] = ['appUrl', 'returnTo', 'adminsNeedSecondFactor'];

export const DEFAULT_ACCOUNT_SETTINGS: AccountSettings = {
  signup: 'open',
  emailDomains: [],
  passwordPolicy: 'default',
  accessTokenTtlSeconds: undefined,
  refreshTokenTtlSeconds: undefined,
  sessionLifetimeSeconds: undefined,
  adminsNeedSecondFactor: false,
  guests: false,
  boundSessions: false,
  emailVerificationRequired: false,
  locale: undefined,
  appUrl: undefined,
  returnTo: [],
};
