/** The raw frames of both connections as they go. */

const KEPT = 200;

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Tokens are secrets even here: people paste what they see. */
const withoutTokens = (key, value) => (/token$/i.test(key) && typeof value === 'string' ? `${value.slice(0, 6)}…` : value);

/** Answers the function that adds a frame. A click on a line shows all of it. */
export function createFrames(root) {
  const list = root.querySelector('ol');
  const count = root.querySelector('[data-part="count"]');
  let seen = 0;
  list.addEventListener('click', ({ target }) => target.closest('li')?.classList.toggle('whole'));
  return (username, direction, frame) => {
    const row = document.createElement('li');
    row.dataset.who = username;
    const now = new Date();
    const parts = [
      ['time', `${time.format(now)}.${String(now.getMilliseconds()).padStart(3, '0')}`],
      ['b', username],
      ['i', direction === 'sent' ? '↑' : '↓'],
      ['code', JSON.stringify(frame, withoutTokens)],
    ];
    for (const [name, text] of parts) row.append(Object.assign(document.createElement(name), { textContent: text }));
    row.children[2].title = direction === 'sent' ? 'to the server' : 'from the server';
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    list.append(row);
    if (list.children.length > KEPT) list.firstElementChild.remove();
    seen += 1;
    count.textContent = String(seen);
    if (wasAtEnd) list.scrollTop = list.scrollHeight;
  };
}
