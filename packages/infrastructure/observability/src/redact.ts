/** Fields that are redacted: credentials and message texts. Compared ignoring case, `-` and `_`. */
const secretKeys = new Set([
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'passwordhash',
  'token',
  'tokenhash',
  'accesstoken',
  'refreshtoken',
  'secret',
  'secretkey',
  'clientsecret',
  'apikey',
  'privatejwk',
  'sealedprivatejwk',
  'content',
]);

const CENSORED = '[redacted]';
const DEPTH = 8;

const isSecret = (key: string): boolean => secretKeys.has(key.toLowerCase().replaceAll(/[-_]/g, ''));

/** A cheap pre-check: characters that every credential inside a text contains. */
const SUSPICIOUS = /:\/\/|\/files\/|bearer|eyJ/i;

/** Credentials inside a sentence: of an address (`postgres://user:password@host`), a bearer token, a JSON Web Token, the signed URL of a file. */
export const redactText = (text: string): string => (SUSPICIOUS.test(text) ? withoutCredentials(text) : text);

const withoutCredentials = (text: string): string =>
  text
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${CENSORED}@`)
    .replaceAll(/(\/api\/v1\/files\/)[\w-]+/g, `$1${CENSORED}`)
    .replaceAll(/\bbearer\s+[\w.~+/=-]+/gi, `Bearer ${CENSORED}`)
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, CENSORED);

/** A copy without secrets at any depth; the value itself when it holds none. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Error) return value;
  if (depth === DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const copy: Record<string, unknown> = {};
  let changed = false;
  for (const [key, inner] of Object.entries(value)) {
    copy[key] = isSecret(key) && inner !== undefined ? CENSORED : redact(inner, depth + 1);
    changed ||= copy[key] !== inner;
  }
  return changed ? copy : value;
}

export type LoggedError = Readonly<{ type: string; message: string; code?: string; stack?: string; cause?: unknown }>;

/** An error as logged: named fields only, for what drivers attach (rows, parameters, the request) may hold anything. */
export function loggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return redact(error);
  const { code } = error as { code?: unknown };
  const logged: LoggedError = {
    type: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined || depth >= 4 ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
  return logged;
}
