/** What one person sees of a chat. Text comes from people: it is only ever put in as text. */

const SVG = 'http://www.w3.org/2000/svg';
const TICKS = ['M1 5.5 4 8.5 10 2', 'M6.5 8 7 8.5 13 2'];
/** Typing is announced again this often while somebody types, and ends after a pause. */
const TYPING = { againMs: 3_000, endsMs: 4_000 };

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function ticks() {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 14 10');
  svg.setAttribute('role', 'img');
  for (const d of TICKS) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

const initialOf = ({ displayName }) => [...displayName][0] ?? '?';
/** Files by name alone: the page has no room for pictures. */
const textOf = ({ content = '', attachments = [] }) =>
  [content, ...attachments.map(({ name }) => `File: ${name}`)].filter(Boolean).join('\n');
const firstName = ({ displayName }) => displayName.split(' ')[0];

/** Fills a pane made of the template and keeps it up to date; answers the function that draws. */
export function createView(pane, chat) {
  const { state } = chat;
  const find = (part) => pane.querySelector(`[data-part="${part}"]`);
  const [list, form, input, plug, status, name, dot, typing] = ['list', 'form', 'input', 'plug', 'status', 'name', 'dot', 'typing'].map(
    find,
  );
  const rows = new Map();
  let lastTyping = 0;
  let typingTimer;

  pane.dataset.peer = state.peer.username;
  find('avatar').textContent = initialOf(state.peer);
  find('me').textContent = firstName(state.me);
  name.textContent = state.peer.displayName;
  input.placeholder = `Write as ${firstName(state.me)}`;
  input.setAttribute('aria-label', `Message from ${state.me.displayName} to ${state.peer.displayName}`);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    endTyping();
    chat.send(text);
    list.scrollTop = list.scrollHeight;
  });
  input.addEventListener('input', () => {
    clearTimeout(typingTimer);
    if (input.value === '') return endTyping();
    typingTimer = setTimeout(endTyping, TYPING.endsMs);
    if (Date.now() - lastTyping < TYPING.againMs) return;
    lastTyping = Date.now();
    chat.typing(true);
  });
  plug.addEventListener('click', () => (state.status === 'offline' ? chat.start() : chat.stop()));

  function endTyping() {
    clearTimeout(typingTimer);
    if (lastTyping === 0) return;
    lastTyping = 0;
    chat.typing(false);
  }

  const stateOf = ({ seq, error }) => {
    if (error !== undefined) return 'refused';
    if (seq === undefined) return 'waiting';
    if (seq <= state.peerMarks.readSeq) return 'read';
    return seq <= state.peerMarks.deliveredSeq ? 'delivered' : 'sent';
  };

  function rowOf({ clientMessageId, createdAt }, isMine) {
    const known = rows.get(clientMessageId);
    if (known !== undefined) return known;
    const row = element('li', isMine ? 'bubble mine' : 'bubble');
    const text = element('span', 'text');
    const meta = element('span', 'meta', time.format(new Date(createdAt)));
    if (isMine) meta.append(ticks());
    row.append(text, meta);
    const made = { row, text, marks: meta.querySelector('svg') };
    rows.set(clientMessageId, made);
    return made;
  }

  function drawMessages() {
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 48;
    const stored = [...state.messages.values()].filter(({ type }) => type !== 'system').toSorted((a, b) => a.seq - b.seq);
    const shown = [...stored, ...state.outgoing.values()];
    for (const [index, message] of shown.entries()) {
      const isMine = message.senderId === undefined || message.senderId === state.me.id;
      const { row, text, marks } = rowOf(message, isMine);
      const said = message.deletedAt === undefined ? textOf(message) : 'Message deleted';
      if (text.textContent !== said) text.textContent = said;
      const before = shown[index - 1];
      row.classList.toggle('follows', before !== undefined && (before.senderId ?? state.me.id) === (message.senderId ?? state.me.id));
      if (marks !== null) {
        row.dataset.state = stateOf(message);
        marks.setAttribute('aria-label', message.error ?? row.dataset.state);
      }
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    }
    while (list.children.length > shown.length) list.lastElementChild.remove();
    if (wasAtEnd) list.scrollTop = list.scrollHeight;
  }

  return function draw() {
    drawMessages();
    pane.dataset.status = state.status;
    dot.dataset.presence = state.presence;
    const isTyping = state.isPeerTyping && state.status === 'online';
    typing.hidden = !isTyping;
    if (isTyping) list.scrollTop = list.scrollHeight;
    status.textContent = isTyping
      ? 'typing…'
      : state.status === 'online'
        ? state.presence
        : state.status === 'connecting'
          ? 'connecting…'
          : 'you are offline';
    plug.textContent = state.status === 'offline' ? 'Go online' : 'Go offline';
  };
}
