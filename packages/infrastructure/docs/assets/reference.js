import { addressOf, copyButton, element, one, pretty } from './dom.js';
import { call, currentUser, fitted, onSession, ownIds, startSession } from './session.js';

/** Makes each operation of the reference callable. Forms are completed when their operation is opened. */

/** @type {Promise<Record<string, string>>} */
let ids = Promise.resolve({});

/** @param {HTMLFormElement} form */
const inputsOf = (form) => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[data-in]')]);

/**
 * @param {HTMLDetailsElement} operation
 * @param {HTMLFormElement} form
 * @returns {{ method: string, path: string, body: string | undefined }}
 */
function requestOf(operation, form) {
  const { method = 'get', path: template = '/' } = operation.dataset;
  const filled = inputsOf(form).filter(({ value }) => value !== '');
  const path = filled
    .filter(({ dataset }) => dataset.in === 'path')
    .reduce((before, { name, value }) => before.replace(`{${name}}`, encodeURIComponent(value)), template);
  const query = new URLSearchParams(filled.filter(({ dataset }) => dataset.in === 'query').map(({ name, value }) => [name, value]));
  const text = form.querySelector('textarea')?.value.trim();
  return { method: method.toUpperCase(), path: query.size === 0 ? path : `${path}?${query}`, body: text === '' ? undefined : text };
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** @param {{ method: string, path: string, body: string | undefined }} request */
function curlOf({ method, path, body }, /** @type {boolean} */ withToken) {
  const compact = body?.replaceAll(/\n\s*/g, ' ');
  return [
    `curl ${quoted(addressOf(path))}`,
    ...(method === 'GET' || (method === 'POST' && body !== undefined) ? [] : [`-X ${method}`]),
    ...(withToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(compact === undefined ? [] : [`--json ${quoted(compact)}`]),
  ].join(' ');
}

/**
 * @param {HTMLElement} output
 * @param {() => Promise<Response>} send
 */
async function run(output, send) {
  const startedAt = performance.now();
  output.replaceChildren(element('p', { class: 'quiet' }, 'Sending …'));
  try {
    const response = await send();
    const milliseconds = Math.round(performance.now() - startedAt);
    const isText = /json|text/.test(response.headers.get('content-type') ?? '');
    const text = isText ? await response.text() : '';
    /** @type {unknown} */
    let body = text;
    try {
      body = JSON.parse(text);
    } catch {
      // Shown as it came.
    }
    const code = typeof body === 'object' && body !== null && 'code' in body && !response.ok ? String(body.code) : undefined;
    const shown = isText
      ? pretty(body)
      : `(${response.headers.get('content-length') ?? 'some'} bytes of ${response.headers.get('content-type') ?? 'no content'})`;
    output.replaceChildren(
      element(
        'p',
        {},
        element('b', { class: response.ok ? 'status' : 'status bad' }, String(response.status)),
        ` in ${milliseconds} ms `,
        ...(code === undefined
          ? []
          : [element('a', { class: 'code', href: addressOf(`/docs/errors#${code}`) }, element('code', {}, code))]),
      ),
      ...(response.status === 204
        ? []
        : [
            element(
              'div',
              { class: 'copy-frame' },
              element('pre', { tabindex: '0' }, element('code', {}, shown)),
              copyButton(() => shown),
            ),
          ]),
    );
  } catch (error) {
    output.replaceChildren(element('p', { class: 'problem' }, `The server could not be reached: ${/** @type {Error} */ (error).message}`));
  }
}

/** @param {HTMLDetailsElement} operation */
function complete(operation) {
  const form = /** @type {HTMLFormElement} */ (one(operation, 'form[data-try]'));
  if (form.querySelector('button') !== null) return;
  const needsToken = 'token' in operation.dataset;
  const output = element('div', { class: 'answer', 'aria-live': 'polite' });
  const hint = element('p', { class: 'quiet hint' });
  const say = () =>
    (hint.textContent =
      needsToken && currentUser() === undefined
        ? 'For signed-in users: sign in above first.'
        : currentUser() === undefined
          ? ''
          : `As ${currentUser()}`);
  onSession(say);
  say();
  form.prepend(element('h4', { class: 'wide' }, 'Try it'));
  form.append(
    element(
      'div',
      { class: 'row wide' },
      element('button', { type: 'submit', class: 'primary' }, 'Send'),
      copyButton(() => curlOf(requestOf(operation, form), needsToken), 'Copy as curl'),
      hint,
    ),
  );
  form.after(output);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { method, path, body } = requestOf(operation, form);
    void run(output, () => call(method, path, body));
  });
  void fit(form);
}

/**
 * Puts ids that exist where an example has invented ones. What was typed stays.
 * @param {HTMLFormElement} form
 */
async function fit(form) {
  const known = await ids;
  for (const input of inputsOf(form)) if (input.required && input.value === '') input.value = known[input.name] ?? '';
  const area = form.querySelector('textarea');
  if (area === null || area.value !== area.defaultValue) return;
  area.value = pretty(fitted(JSON.parse(area.defaultValue), known));
  area.rows = Math.min(14, area.value.split('\n').length + 1);
}

for (const operation of document.querySelectorAll('details.operation')) {
  if (!(operation instanceof HTMLDetailsElement)) continue;
  operation.addEventListener('toggle', () => operation.open && complete(operation));
  if (operation.open) complete(operation);
}
onSession(() => {
  ids = ownIds().catch(() => ({}));
  for (const form of document.querySelectorAll('details.operation[open] form[data-try]')) void fit(/** @type {HTMLFormElement} */ (form));
});
ids = ownIds().catch(() => ({}));
void startSession();
