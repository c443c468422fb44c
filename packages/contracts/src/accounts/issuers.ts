import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { externalToken } from '../auth/exchange-token.ts';
import { operation } from '../kernel/operation.ts';
import { httpUrl, id, line, time } from '../kernel/types.ts';

const { audiences: mostAudiences, audience, claim, tokenSeconds } = limits.issuers;

const claimName = (example: string) =>
  line({ min: 1, max: claim })
    .optional()
    .meta({ examples: [example] });

const distinct = <Item extends z.ZodType<string>>(item: Item, max: number) =>
  z
    .array(item)
    .min(1)
    .max(max)
    .transform((given) => [...new Set(given)]);

const issuer = line({ min: 1, max: limits.issuers.name }).meta({
  examples: ['https://login.example.com/'],
  description: 'as its tokens say in `iss`, character by character',
});

/** Asymmetric alone. */
const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const algorithm = z.enum(algorithms);

const rules = {
  jwksUrl: httpUrl.optional().meta({
    examples: ['https://login.example.com/.well-known/jwks.json'],
    description: 'its JSON Web Key Set; absent: where its metadata says, at <issuer>/.well-known/openid-configuration',
  }),
  audiences: distinct(line({ min: 1, max: audience }).meta({ examples: ['https://chat.example.com'] }), mostAudiences).meta({
    examples: [['https://chat.example.com']],
    description: 'a token is taken when its `aud` is, or holds, one of these',
    minItems: 1,
    maxItems: mostAudiences,
  }),
  algorithms: distinct(algorithm, algorithms.length)
    .default(['EdDSA', 'ES256', 'RS256'])
    .meta({ examples: [['ES256']], minItems: 1, maxItems: algorithms.length }),
  claims: z
    .strictObject({
      username: claimName('preferred_username'),
      displayName: claimName('name'),
      email: claimName('mail'),
      avatarUrl: claimName('picture'),
    })
    .default({ username: 'preferred_username', displayName: 'name', email: 'email', avatarUrl: 'picture' })
    .meta({
      examples: [{ username: 'nick', displayName: 'name' }],
      description:
        'the claims that say who somebody is when they first come; what is left out is not read. An address counts as theirs where `email_verified` is true',
    }),
  signUp: z.boolean().default(true).meta({
    description: 'whether somebody whom nobody knows here is signed up, by the rules of the account; otherwise only who is known comes in',
  }),
  maxTokenSeconds: z.int().min(tokenSeconds.min).max(tokenSeconds.max).default(tokenSeconds.default).meta({
    description: 'the longest life of a token, from `iat` to `exp`; a longer one is refused',
  }),
};

const example = {
  issuer: 'https://login.example.com/',
  jwksUrl: 'https://login.example.com/.well-known/jwks.json',
  audiences: ['https://chat.example.com'],
};
const { issuer: _, ...exampleRules } = example;

const shown = (value: string) =>
  z
    .string()
    .optional()
    .meta({ examples: [value] });

export const ExternalIssuer = z
  .object({
    id: id('issuer'),
    issuer,
    jwksUrl: shown(example.jwksUrl),
    audiences: z.array(z.string().meta({ examples: [example.audiences[0]] })),
    algorithms: z.array(algorithm),
    claims: z.object({
      username: shown('preferred_username'),
      displayName: shown('name'),
      email: shown('mail'),
      avatarUrl: shown('picture'),
    }),
    signUp: z.boolean(),
    maxTokenSeconds: z.int(),
    rank: z
      .enum(['owner', 'admin'])
      .meta({ description: 'owner: an owner decided over it, and it signs in everybody; admin: it signs in nobody who administers' }),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'ExternalIssuer' });

export const listIssuers = operation({
  name: 'admin.listIssuers',
  summary: 'The issuers whose tokens the account exchanges for sessions, oldest first.',
  http: { method: 'GET', path: '/admin/issuers', status: 200 },
  access: 'admin',
  scope: 'issuers:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(ExternalIssuer) }),
  errors: [],
});

export const registerIssuer = operation({
  name: 'admin.registerIssuer',
  summary: 'Take the tokens of an issuer of your own. Who holds its keys can sign in as anybody whom it signs in.',
  http: { method: 'POST', path: '/admin/issuers', status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'issuers:write',
  input: z.strictObject({ issuer, ...rules }).meta({ examples: [example] }),
  output: ExternalIssuer,
  errors: ['ISSUER_TAKEN', 'ISSUER_LIMIT_REACHED', 'REAUTHENTICATION_REQUIRED'],
});

export const updateIssuer = operation({
  name: 'admin.updateIssuer',
  summary: 'Replace the rules of an issuer; what is absent gets its default. What an owner registered is for owners to change.',
  http: { method: 'PUT', path: '/admin/issuers/:issuerId', status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'issuers:write',
  input: z.strictObject({ issuerId: id('issuer'), ...rules }).meta({ examples: [exampleRules] }),
  output: ExternalIssuer,
  errors: ['ISSUER_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const removeIssuer = operation({
  name: 'admin.removeIssuer',
  summary: 'Take no more tokens of an issuer. Sessions that are open live on until they are revoked.',
  http: { method: 'DELETE', path: '/admin/issuers/:issuerId', status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'issuers:write',
  input: z.strictObject({ issuerId: id('issuer') }),
  errors: ['ISSUER_NOT_FOUND'],
});

export const checkIssuer = operation({
  name: 'admin.checkIssuer',
  summary: 'Read the keys of an issuer now, and say what is wrong with a token of it. The token stays unused.',
  http: { method: 'POST', path: '/admin/issuers/:issuerId/check', status: 200 },
  access: 'admin',
  scope: 'issuers:read',
  input: z.strictObject({ issuerId: id('issuer'), token: externalToken.optional() }),
  output: z
    .object({
      keys: z.array(z.object({ kid: shown('2026-01'), type: z.string().meta({ examples: ['EC'] }), algorithm: shown('ES256') })),
      verdict: z
        .object({
          accepted: z.boolean(),
          fault: z
            .string()
            .optional()
            .meta({
              examples: ['aud'],
              description: 'what is wrong: form, typ, alg, crit, kid, signature, lifetime, or the claim of that name',
            }),
          subject: shown('4711'),
          email: shown('alice@example.com'),
          emailVerified: z.boolean().optional(),
          username: shown('alice'),
          displayName: shown('Alice'),
          avatarUrl: shown('https://example.com/a.png'),
        })
        .optional(),
    })
    .meta({ id: 'CheckedIssuer' }),
  errors: ['ISSUER_NOT_FOUND', 'ISSUER_UNAVAILABLE'],
});
