/** What an account configures of a connector. No secret stands here. */
export type ConnectorSettings =
  | Readonly<{ kind: 'incomingWebhook' }>
  /** `triggers`: words with one of which a message begins; none: every message. */
  | Readonly<{ kind: 'outgoingWebhook'; url: string; triggers: readonly string[] }>
  /** Mail to `address`, through the account's own server. */
  | Readonly<{ kind: 'email'; address: string; from: string; host: string; port: number; security: 'tls' | 'starttls' | 'none' }>
  /** Text messages from `number` (E.164), through the HTTP API of a provider. `healthUrl`: what a check reads there. */
  | Readonly<{ kind: 'telephonyNumber'; number: string; to: string | undefined; url: string; healthUrl: string | undefined }>;

/** What is sealed of those whose credentials are given. */
export type MailCredentials = Readonly<{ user: string; password: string }>;
export type TelephonyCredentials = Readonly<{ token: string }>;

export type ConnectorKind = ConnectorSettings['kind'];
export type SettingsOf<Kind extends ConnectorKind> = Extract<ConnectorSettings, { kind: Kind }>;

/** The secret that the server makes: a token by which others call, or one that signs. */
export const makesSecret = (kind: ConnectorKind): boolean => kind === 'incomingWebhook' || kind === 'outgoingWebhook';

/** Whether messages of the conversation are told to it. */
export const isOutgoing = (kind: ConnectorKind): boolean => kind !== 'incomingWebhook';

/** Where it leads, as the audit log and the sealing of credentials know it: without path and query, which may hold a secret. */
export function targetOf(settings: ConnectorSettings): string {
  switch (settings.kind) {
    case 'incomingWebhook':
      return '';
    case 'outgoingWebhook':
      return new URL(settings.url).origin;
    case 'email':
      // Also how it is encrypted: what is sealed for a server is not said to it in the clear.
      return `${settings.security}:${settings.host}:${settings.port}`;
    case 'telephonyNumber':
      return [settings.url, settings.healthUrl ?? settings.url].map((url) => new URL(url).origin).join(' ');
  }
}

/** Whether a message is for this connector: one that its conversation's members wrote, beginning with a trigger where there are some. */
export function isTriggered(settings: ConnectorSettings, content: string | undefined): boolean {
  if (settings.kind !== 'outgoingWebhook') return content !== undefined;
  if (settings.triggers.length === 0) return true;
  const written = content?.trimStart().toLowerCase() ?? '';
  return settings.triggers.some((trigger) => beginsWithWord(written, trigger.toLowerCase()));
}

/** `deploy` begins "deploy now" and "deploy", not "deployment". */
const beginsWithWord = (text: string, word: string): boolean => text.startsWith(word) && !/^[\p{L}\p{N}_]/u.test(text.slice(word.length));
