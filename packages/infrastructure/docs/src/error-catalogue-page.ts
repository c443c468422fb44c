import { commonErrors, idempotencyErrors, type Operation, socketNames, userErrors } from '@coucou/contracts/kernel/operation';
import type { ErrorDefinition, ErrorKind } from '@coucou/domain/kernel/errors';
import { httpStatus } from '@coucou/application/kernel/error-body';
import { type Html, html, nothing } from './html.ts';
import { filterBox, layout } from './layout.ts';
import { inline, json, linkGroup } from './schema-view.ts';

/** What a client does about an error of each kind. */
const advice: Readonly<Record<ErrorKind, string>> = {
  malformed: 'Fix the request; sending the same again fails the same. `details` names the fields.',
  invalid: 'Show the sentence and let the person correct what they entered; `details` says what is wrong.',
  too_large: 'Do not send it again: it will be as large the next time. Put what is large into an attachment.',
  range: 'Ask for a range that lies within the file, or for the whole of it.',
  unsupported_media: 'Send JSON with `Content-Type: application/json`, or for a file the type that the operation names.',
  unauthenticated: 'Refresh the access token and repeat the call once; if that is refused as well, sign in again.',
  payment_required: 'The plan of the account does not allow it; its owner can change the plan.',
  forbidden: 'Do not repeat it. Hide or disable the action for this person.',
  not_found: 'It does not exist, or is not for this person to see: both answer the same. Drop it from the client’s copy.',
  conflict: 'Load the current state and decide again; often it is already as it was meant to be.',
  rate_limited: 'Wait `details.retryAfterSeconds`, which is also in `Retry-After`, and then repeat it.',
  unavailable: 'Wait `details.retryAfterSeconds`, then repeat it; a message under the same `clientMessageId`.',
  internal: 'Repeat it later. When it lasts, give `requestId` to the operator of the server: its log has the cause.',
};

const sample = {
  code: 'CONVERSATION_NOT_FOUND',
  error: 'There is no such conversation.',
  details: {},
  timestamp: '2026-01-15T09:30:00.000Z',
  path: 'message:send',
  requestId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  docs: '/docs/errors#CONVERSATION_NOT_FOUND',
};

type Sources = Readonly<{ catalogue: readonly ErrorDefinition[]; operations: readonly Operation[]; version: string }>;

/** The catalogue of errors: one section per code, whose anchor is the code itself. `docs` in an error's body links here. */
export function errorCataloguePage({ catalogue, operations, version }: Sources): string {
  const usual = new Set<string>([...commonErrors, ...userErrors]);
  const kinds = [...Map.groupBy(catalogue, ({ kind }) => kind)].toSorted(([a], [b]) => httpStatus[a] - httpStatus[b]);
  return layout({
    title: 'Errors',
    section: 'errors',
    version,
    sidebar: html`${filterBox('Filter codes')}
${kinds.map(([kind, alike]) =>
  linkGroup(
    `${httpStatus[kind]} ${words(kind)}`,
    alike.map(({ code, sentence }) => ({ href: `#${code}`, label: html`${code}`, find: `${code} ${sentence}` })),
  ),
)}`,
    main: html`<h1>Errors</h1>
<p>Every error has one shape, on HTTP, in the acknowledgement of a socket call and in <code>connect_error</code>. Switch on <code>code</code>, which is stable; show <code>error</code>; <code>docs</code> links to the code on this page.</p>
${json(sample)}
${kinds.map(
  ([kind, alike]) => html`<section class="group">
<h2 id="${kind}"><b class="status bad">${String(httpStatus[kind])}</b> ${words(kind)}</h2>
<p class="lead">${inline(advice[kind])}</p>
${alike.map((definition) => errorSection(definition, usual.has(definition.code) ? undefined : operations))}
</section>`,
)}`,
  });
}

const words = (kind: ErrorKind): string => kind.replaceAll('_', ' ');

/** `operations` are absent for an error that any of them can answer. */
function errorSection({ code, sentence }: ErrorDefinition, operations: readonly Operation[] | undefined): Html {
  const by =
    operations?.filter(
      ({ errors, idempotencyKey }) => errors.includes(code) || (idempotencyKey && idempotencyErrors[idempotencyKey].includes(code)),
    ) ?? [];
  return html`<section class="error" id="${code}" data-find="${code} ${sentence}">
<h3><code>${code}</code><a class="anchor" href="#${code}" aria-label="Link to ${code}">#</a></h3>
<p>${sentence}</p>
${operations === undefined ? html`<p class="quiet">Any operation can answer it.</p>` : by.length === 0 ? nothing : html`<p class="quiet">Answered by ${by.map(operationLink)}</p>`}
</section>`;
}

/** What only sockets carry is on their page. */
function operationLink(operation: Operation, at: number): Html {
  const { name, http } = operation;
  const href =
    http === undefined ? `/docs/events#call-${(socketNames(operation)[0] ?? name).replaceAll(/[^\w.]+/g, '_')}` : `/docs/api/#${name}`;
  return html`${at === 0 ? '' : ', '}<a href="${href}">${name}</a>`;
}
