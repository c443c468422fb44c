import { addressOf, element } from './dom.js';

/**
 * Who is signed in on these pages. Demo people, which a server in development has, are kept for the tab and survive a reload; a token that
 * a person pastes is kept in memory only.
 * @typedef {{ username: string, displayName?: string }} Person
 * @typedef {{ token: string, username?: string, expiresAt?: string }} Session
 */

const KEY = 'coucou-docs-session';
/** How long before its end a token is replaced. */
const EARLY_MS = 60_000;

/** @type {Session | undefined} */
let session = restored();
/** @type {Person[]} */
let people = [];
/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {Session | undefined} */
function restored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {Session | undefined} next */
function become(next) {
  session = next;
  if (next?.username === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify(next));
  for (const listener of listeners) listener();
}

/**
 * Runs at every change of who is signed in.
 * @param {() => void} listener
 */
export const onSession = (listener) => void listeners.add(listener);

export const currentUser = () => session?.username ?? (session === undefined ? undefined : 'a pasted token');

export const demoPeople = () => people;

/** @param {string} username */
export async function signIn(username) {
  const response = await fetch(addressOf('/dev/sign-in'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  become({ token: answer.accessToken, username, expiresAt: answer.accessTokenExpiresAt });
}

/**
 * The access token to call with; that of a demo person is replaced before it ends.
 * @returns {Promise<string | undefined>}
 */
export async function token() {
  if (session?.username !== undefined && Date.parse(session.expiresAt ?? '') - Date.now() < EARLY_MS) await signIn(session.username);
  return session?.token;
}

/**
 * A call to the API as who is signed in.
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 */
export async function call(method, path, body) {
  const bearer = await token();
  return fetch(addressOf(path), {
    method,
    headers: {
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
  });
}

/**
 * Ids of things that exist for who is signed in, in the place of those of an example.
 * @returns {Promise<Record<string, string>>}
 */
export async function ownIds() {
  if (session === undefined) return {};
  const response = await call('GET', '/api/v1/conversations?limit=20');
  if (!response.ok) return {};
  /** @type {{ items: { id: string, type: string, lastMessage?: { id: string }, peer?: { id: string } }[] }} */
  const { items } = await response.json();
  const first = items.find(({ lastMessage }) => lastMessage !== undefined) ?? items[0];
  const peer = items.find((conversation) => conversation.peer !== undefined)?.peer?.id;
  return {
    ...(first === undefined ? {} : { conversationId: first.id }),
    ...(first?.lastMessage === undefined ? {} : { messageId: first.lastMessage.id }),
    ...(peer === undefined ? {} : { userId: peer, toUserId: peer }),
  };
}

/**
 * An example made to fit who is signed in: known ids in their places, and an id of its own for each message.
 * @param {unknown} example
 * @param {Record<string, string>} ids
 */
export function fitted(example, ids) {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return example;
  const entries = Object.entries(example).map(([name, value]) => [
    name,
    name === 'clientMessageId' ? crypto.randomUUID() : typeof value === 'string' ? (ids[name] ?? value) : value,
  ]);
  // What a message refers to would have to exist, in the same conversation.
  const invented = new Set('content' in example ? ['replyToId', 'threadRootId', 'attachmentIds', 'mentions'] : []);
  return Object.fromEntries(entries.filter(([name]) => !invented.has(/** @type {string} */ (name))));
}

/**
 * Renders the ways to sign in into an element, again at each change.
 * @param {HTMLElement} into
 */
function drawInto(into) {
  const problem = element('p', { class: 'problem', role: 'status' });
  /** @param {() => Promise<void>} action */
  const attempt = (action) => () => void action().catch((/** @type {Error} */ error) => (problem.textContent = error.message));
  const user = currentUser();
  const input = element('input', {
    type: 'password',
    placeholder: 'Access token',
    'aria-label': 'Access token',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const form = element('form', { class: 'row' }, input, element('button', { type: 'submit' }, 'Use'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = /** @type {HTMLInputElement} */ (input).value.trim().replace(/^Bearer\s+/i, '');
    if (given !== '') become({ token: given });
  });
  into.replaceChildren(
    element(
      'div',
      { class: 'session-head' },
      element('strong', {}, user === undefined ? 'Sign in to call' : `Signed in as ${user}`),
      ...(user === undefined
        ? []
        : [element('button', { type: 'button', class: 'quiet-button', onclick: () => become(undefined) }, 'Sign out')]),
    ),
    ...(people.length === 0
      ? []
      : [
          element(
            'div',
            { class: 'row people' },
            ...people.map(({ username }) =>
              element(
                'button',
                { type: 'button', 'aria-pressed': String(username === user), onclick: attempt(() => signIn(username)) },
                username,
              ),
            ),
          ),
        ]),
    form,
    problem,
  );
  into.hidden = false;
}

/** Shows who is signed in, in all places of the page that are for it. */
export function drawSession() {
  for (const place of document.querySelectorAll('[data-session]')) drawInto(/** @type {HTMLElement} */ (place));
  const chip = document.querySelector('#who');
  if (chip === null) return;
  chip.textContent = currentUser() ?? 'Sign in';
  chip.toggleAttribute('data-on', session !== undefined);
  chip.removeAttribute('hidden');
}

/** Asks who can be signed in, and shows it. Only a server in development has an answer, and its pages say so. */
export async function startSession() {
  onSession(drawSession);
  drawSession();
  const response = 'demo' in document.body.dataset ? await fetch(addressOf('/dev/people')).catch(() => undefined) : undefined;
  if (response?.ok === true) people = (await response.json()).items;
  // What was kept is of a server that had demo people; this one may be another.
  if (session?.username !== undefined && !people.some(({ username }) => username === session?.username)) become(undefined);
  else drawSession();
}
