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

/** Texts are few, but those with lists in them are not all the same. */
const MOST_KEPT = 2_000;
const kept = new Map<string, string>();

function keptSummaryOf(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const summary = summaryOf(text);
  if (kept.size < MOST_KEPT) kept.set(text, summary);
  return summary;
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
  // Most traces are not sampled: their statements cost this question, and no summary.
  return {
    query: (text, params, name) =>
      tracer.isRecording()
        ? span(name === undefined || isGivenName(name) ? keptSummaryOf(text) : name, () => query(text, params, name))
        : query(text, params, name),
    inAccount: (account, access, text, params, name) =>
      tracer.isRecording()
        ? span(name, () => inAccount(account, access, text, params, name))
        : inAccount(account, access, text, params, name),
    script: (text) => (tracer.isRecording() ? span(keptSummaryOf(text), () => script(text)) : script(text)),
  };
}
