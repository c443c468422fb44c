import type { Tracer } from '@coucou/application/ports/tracer';
import type { Session } from './session.ts';
import { isGivenName } from './statement-names.ts';

type Statements = Pick<Session, 'query' | 'inAccount' | 'script'>;

const VERB = /\b(select|insert|update|delete)\b(?:\s+"?(\w+)"?\s+set\b|.*?\b(?:from|into)\s+"?(\w+)"?)?/is;

/** `select message`: what a statement without a name does first, and to which table; else its first word, such as `begin`. */
export function summaryOf(text: string): string {
  const [, verb, updated, table = updated] = VERB.exec(text) ?? [];
  if (verb !== undefined) return table === undefined ? verb.toLowerCase() : `${verb.toLowerCase()} ${table}`;
  return /[a-z]+/i.exec(text)?.[0].toLowerCase() ?? 'statement';
}

/**
 * Statements as parts of the traces that they are sent in: by their name, never by their text or values. Spans of our own, since the
 * instrumentation of the driver needs a hook in the module loader, and knows neither these names nor the embedded database.
 */
export function traced(tracer: Tracer | undefined, statements: Statements): Statements {
  if (tracer?.isOn !== true) return statements;
  const { query, inAccount, script } = statements;
  const span = <T>(summary: string, work: () => T): T =>
    tracer.span(`postgres ${summary}`, { 'db.system.name': 'postgresql', 'db.query.summary': summary }, work, 'client');
  return {
    query: (text, params, name) => span(name === undefined || isGivenName(name) ? summaryOf(text) : name, () => query(text, params, name)),
    inAccount: (account, access, text, params, name) => span(name, () => inAccount(account, access, text, params, name)),
    script: (text) => span(summaryOf(text), () => script(text)),
  };
}
