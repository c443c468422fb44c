import { createChat } from './chat.js';
import { createFrames } from './frames.js';
import { post, signIn } from './session.js';
import { createView } from './view.js';

const base = location.origin;
const demo = document.querySelector('#demo');
const addFrame = createFrames(document.querySelector('#frames'));

async function start() {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((username) => signIn(base, username)));
  const { id: conversationId } = await post(`${base}/api/v1/conversations`, { type: 'direct', userId: bob.user.id }, await alice.token());
  const panes = [
    [alice, bob.user],
    [bob, alice.user],
  ].map(([session, peer]) => {
    const pane = document.querySelector('#pane').content.cloneNode(true).firstElementChild;
    let draw = () => {};
    const frame = (direction, sent) => addFrame(session.user.username, direction, sent);
    const chat = createChat({ base, session, conversationId, peer, on: { change: () => draw(), frame } });
    draw = createView(pane, chat);
    return { pane, chat };
  });
  demo.replaceChildren(...panes.map(({ pane }) => pane));
  for (const { chat } of panes) chat.start();
  document.addEventListener('visibilitychange', () => {
    for (const { chat } of panes) chat.seen();
  });
}

if (matchMedia('(min-width: 720px)').matches) document.querySelector('#frames').open = true;
start().catch((error) => {
  const text = `The demo could not start: ${error.message}`;
  demo.replaceChildren(Object.assign(document.createElement('p'), { className: 'failed', textContent: text }));
});
