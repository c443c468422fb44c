import type { Setting } from '@coucou/features/feature';
import { createAllowList } from '@coucou/outbound/allow-list';
import type { ProviderOptions } from '@coucou/security/identity-providers/provider';
import { z } from 'zod';

/** What is known of providers that most people have heard of; any other is an issuer of OpenID Connect. */
const presets: Readonly<Record<string, Readonly<Pick<ProviderOptions, 'name' | 'issuer' | 'scopes' | 'kind'>>>> = {
  GOOGLE: { name: 'Google', kind: 'oidc', issuer: 'https://accounts.google.com', scopes: 'openid email profile' },
  GITHUB: { name: 'GitHub', kind: 'github', issuer: 'https://github.com', scopes: 'read:user user:email' },
};
/** Stands for any other in `.env.example`. */
const EXAMPLE = 'KEYCLOAK';

/** As much of a reading as this needs. */
type Read = Readonly<{
  given: ReadonlySet<string>;
  featureValues: Readonly<Record<string, unknown>>;
  values: Readonly<{ OUTBOUND_ALLOW: readonly string[] }>;
}>;

const suffixes = ['CLIENT_ID', 'CLIENT_SECRET', 'ISSUER', 'SCOPES', 'NAME'] as const;
const named = new RegExp(`^OAUTH_([A-Z0-9]+)_(?:${suffixes.join('|')})(?:_FILE)?$`);

const isIssuer = (value: string): boolean => {
  const url = URL.parse(value);
  return (
    url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === '' && !/[?#]/.test(value)
  );
};

function settingsOf(provider: string): Readonly<Record<string, Setting>> {
  const preset = presets[provider];
  const name = preset?.name ?? provider.toLowerCase();
  const word = z.string().regex(/^\S+$/);
  return {
    [`OAUTH_${provider}_CLIENT_ID`]: {
      about: `Lets people sign in with ${preset?.name ?? 'any issuer of OpenID Connect, here under the name of keycloak'}; the redirect URI to register is PUBLIC_URL/api/v1/auth/oauth/${provider.toLowerCase()}/callback.`,
      expects: 'the client id that the provider gave you',
      example: '',
      schema: word,
    },
    [`OAUTH_${provider}_CLIENT_SECRET`]: {
      about: `The client secret for ${name}.`,
      expects: 'the client secret that the provider gave you',
      example: '',
      ...(preset === undefined && { otherwise: 'none: a public client, which PKCE alone protects' }),
      schema: word,
      secret: true,
    },
    [`OAUTH_${provider}_ISSUER`]: {
      about: preset?.kind === 'github' ? 'The address of a GitHub Enterprise Server.' : `The issuer, whose metadata is found by discovery.`,
      expects: 'an https address without a query, or an http one whose host is in OUTBOUND_ALLOW',
      example: preset?.issuer ?? 'https://login.example.com/realms/staff',
      ...(preset !== undefined && { otherwise: preset.issuer }),
      schema: z.string().refine(isIssuer),
    },
    [`OAUTH_${provider}_SCOPES`]: {
      about: `What ${name} is asked for.`,
      expects: 'scopes, separated by spaces',
      example: scopesOf(provider),
      otherwise: scopesOf(provider),
      schema: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/),
    },
    [`OAUTH_${provider}_NAME`]: {
      about: 'Its name on the button that people press.',
      expects: 'up to 64 characters',
      example: preset?.name ?? 'Staff login',
      otherwise: name,
      schema: z.string().min(1).max(64),
    },
  };
}

const scopesOf = (provider: string): string => presets[provider]?.scopes ?? 'openid email profile';

const providersIn = (names: Iterable<string>): readonly string[] => [...new Set([...names].flatMap((name) => named.exec(name)?.[1] ?? []))];

/** The settings of providers: of those that the environment names, and of the known ones. */
export const providerSettings = (env: Readonly<Record<string, unknown>>): Readonly<Record<string, Setting>> =>
  Object.assign({}, ...[...Object.keys(presets), ...providersIn(Object.keys(env))].map(settingsOf)) as Record<string, Setting>;

/** The same with one that stands for any other. */
export const exampleProviderSettings = (): Readonly<Record<string, Setting>> => ({ ...providerSettings({}), ...settingsOf(EXAMPLE) });

/** In the order of their names. */
const configured = ({ given }: Read): readonly string[] => providersIn(given).toSorted();

export function providerFaults(reading: Read): string[] {
  const { given, featureValues: values } = reading;
  return configured(reading).flatMap((provider) => {
    const preset = presets[provider];
    const needed = ['CLIENT_ID', ...(preset === undefined ? ['ISSUER'] : ['CLIENT_SECRET'])].map((suffix) => `OAUTH_${provider}_${suffix}`);
    const missing = needed.filter((name) => !given.has(name));
    const issuer = values[`OAUTH_${provider}_ISSUER`];
    const isAllowed = createAllowList(reading.values.OUTBOUND_ALLOW);
    const isPlain = typeof issuer === 'string' && issuer.startsWith('http:') && !isAllowed(new URL(issuer));
    return [
      ...(missing.length === 0
        ? []
        : [
            `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing; sign-in with ${provider.toLowerCase()} needs ${needed.join(' and ')}`,
          ]),
      ...(isPlain
        ? [`OAUTH_${provider}_ISSUER is an http address; write https, or add its host to OUTBOUND_ALLOW if it is on your own network`]
        : []),
    ];
  });
}

/** The configured identity providers. */
export const providersOf = (reading: Read): readonly ProviderOptions[] =>
  configured(reading).map((provider) => {
    const value = (suffix: (typeof suffixes)[number]) => reading.featureValues[`OAUTH_${provider}_${suffix}`] as string | undefined;
    const preset = presets[provider];
    return {
      id: provider.toLowerCase(),
      name: value('NAME') ?? preset?.name ?? provider.toLowerCase(),
      kind: preset?.kind ?? 'oidc',
      issuer: value('ISSUER') ?? preset?.issuer ?? '',
      clientId: value('CLIENT_ID') ?? '',
      clientSecret: value('CLIENT_SECRET'),
      scopes: value('SCOPES') ?? scopesOf(provider),
    };
  });
