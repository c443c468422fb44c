import { addressOf, copyButton, element, one, pretty } from './dom.js';
import { currentUser, demoPeople, drawSession, fitted, onSession, ownIds, startSession, token } from './session.js';

/** A live connection to `/ws` on the page of events: what goes out and comes in, and any call to send. Only where there are demo people. */

/** Frames that stay on the page. */
const MOST_FRAMES = 200;

const calls = new Map(
  [...document.querySelectorAll('[data-call]')].map((section) => [
    section.getAttribute('data-call') ?? '',
    /** @type {unknown} */ (JSON.parse(section.querySelector('.pair pre')?.textContent ?? '{}')),
  ]),
);

/** @type {WebSocket | undefined} */
let socket;
/** @type {Record<string, string>} */
let ids = {};
let lastId = 0;

const status = element('span', { class: 'state', role: 'status' }, 'not connected');
const connectButton = element('button', { type: 'button', class: 'primary', onclick: () => void toggle() }, 'Connect');
const select = /** @type {HTMLSelectElement} */ (element('select', { 'aria-label': 'Call', onchange: () => showExample() }));
const input = /** @type {HTMLTextAreaElement} */ (element('textarea', { rows: '7', 'aria-label': 'Input', spellcheck: 'false' }));
const send = /** @type {HTMLButtonElement} */ (
  element('button', { type: 'button', disabled: true, onclick: () => sendCall() }, 'Send call')
);
const problem = element('p', { class: 'problem', role: 'status' });
const frames = element('ol', { class: 'frames', 'aria-label': 'Frames', tabindex: '0' });

/** @param {string} state */
function say(state, on = false) {
  status.textContent = state;
  status.toggleAttribute('data-on', on);
  connectButton.textContent = socket === undefined ? 'Connect' : 'Disconnect';
  send.disabled = !on;
}

/**
 * @param {'in' | 'out' | 'note'} direction
 * @param {string} text
 */
function show(direction, text) {
  /** @type {unknown} */
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    frame = undefined;
  }
  const [name, ...rest] = Array.isArray(frame) ? frame : [text];
  const failed = name === 'connect_error' || name === 'error' || (name === 'ack' && rest[1]?.ok === false);
  const line = element(
    'summary',
    {},
    element('span', { class: 'time' }, new Date().toLocaleTimeString([], { hour12: false })),
    element(
      'span',
      { class: 'arrow', 'aria-label': direction === 'out' ? 'sent' : 'received' },
      { in: '←', out: '→', note: '·' }[direction],
    ),
    element('b', {}, String(name)),
    element('span', { class: 'rest' }, rest.map((part) => JSON.stringify(part)).join(' ')),
  );
  const whole = direction === 'note' ? text : pretty(frame ?? text);
  const row = element(
    'li',
    { class: failed ? `${direction} failed` : direction },
    element('details', {}, line, element('pre', {}, element('code', {}, whole))),
  );
  const isAtEnd = frames.scrollHeight - frames.scrollTop - frames.clientHeight < 40;
  frames.append(row);
  while (frames.childElementCount > MOST_FRAMES) frames.firstElementChild?.remove();
  if (isAtEnd) frames.scrollTop = frames.scrollHeight;
}

/** @param {unknown[]} frame */
function put(frame) {
  const text = JSON.stringify(frame);
  socket?.send(text);
  // Tokens do not belong on a screen that is shown to others.
  show(
    'out',
    JSON.stringify(frame, (key, value) => (key === 'token' && typeof value === 'string' ? `${value.slice(0, 12)}…` : value)),
  );
}

async function toggle() {
  if (socket !== undefined) return socket.close(1000);
  problem.textContent = '';
  if (currentUser() === undefined) return void (problem.textContent = 'Sign in as one of the demo people first.');
  const bearer = await token();
  ids = await ownIds().catch(() => ({}));
  const address = new URL(addressOf('/ws'));
  address.protocol = address.protocol.replace('http', 'ws');
  const opened = new WebSocket(address);
  socket = opened;
  say('connecting …');
  opened.addEventListener('open', () => put(['connect', { token: bearer }]));
  opened.addEventListener('message', ({ data }) => {
    show('in', String(data));
    if (String(data).startsWith('["connected"')) {
      say(`connected as ${currentUser() ?? ''}`, true);
      showExample();
    }
  });
  opened.addEventListener('close', ({ code, reason }) => {
    if (socket === opened) socket = undefined;
    show('note', `closed with ${code}${reason === '' ? '' : ` (${reason})`}`);
    say('not connected');
  });
}

function showExample() {
  input.value = pretty(fitted(calls.get(select.value) ?? {}, ids));
}

function sendCall() {
  problem.textContent = '';
  try {
    put([select.value, JSON.parse(input.value || '{}'), (lastId += 1)]);
  } catch (error) {
    problem.textContent = `The input is not JSON: ${/** @type {Error} */ (error).message}`;
  }
}

/** @param {string} name */
function choose(name) {
  select.value = name;
  showExample();
  one(document, '#console').scrollIntoView({ block: 'start' });
  input.focus({ preventScroll: true });
}

function build() {
  const groups = [...document.querySelectorAll('.group')].flatMap((group) => {
    const names = [...group.querySelectorAll('[data-call]')].map((section) => section.getAttribute('data-call') ?? '');
    const label = group.querySelector('h2')?.textContent?.replace(/^Calls: /, '') ?? '';
    return names.length === 0 ? [] : [element('optgroup', { label }, ...names.map((name) => element('option', { value: name }, name)))];
  });
  select.append(...groups);
  if (calls.has('messages.send')) select.value = 'messages.send';
  showExample();
  const people = element('div', { class: 'row people', 'data-session': true });
  const clear = element('button', { type: 'button', class: 'quiet-button', onclick: () => frames.replaceChildren() }, 'Clear');
  one(document, '#console').append(
    element('div', { class: 'console-head' }, element('h2', {}, 'Live console'), status, connectButton),
    people,
    element(
      'div',
      { class: 'console-body' },
      element(
        'div',
        { class: 'composer' },
        select,
        input,
        element(
          'div',
          { class: 'row' },
          send,
          copyButton(() => JSON.stringify([select.value, JSON.parse(input.value || '{}'), lastId + 1]), 'Copy frame'),
        ),
        problem,
      ),
      element('div', { class: 'log' }, frames, clear),
    ),
  );
  one(document, '#console').hidden = false;
  for (const section of document.querySelectorAll('[data-call]')) {
    const name = section.getAttribute('data-call') ?? '';
    section
      .querySelector('h3')
      ?.append(element('button', { type: 'button', class: 'quiet-button', onclick: () => choose(name) }, 'Try in the console'));
  }
}

await startSession();
if (demoPeople().length > 0) {
  build();
  let user = currentUser();
  onSession(() => {
    if (currentUser() === user) return;
    user = currentUser();
    // A connection belongs to one person.
    socket?.close(1000);
    void ownIds().then((own) => {
      ids = own;
      showExample();
    });
  });
  say('not connected');
  drawSession();
}
