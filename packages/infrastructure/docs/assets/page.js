import { addressOf, copyButton, element } from './dom.js';

/** What every page does: copy buttons, the filter, and opening what an address points to. */

/** The server in the code of the guides. */
const DEFAULT_ADDRESS = 'http://127.0.0.1:3000';

for (const block of document.querySelectorAll('pre.copy')) {
  const frame = element('div', { class: 'copy-frame' });
  block.replaceWith(frame);
  frame.append(
    block,
    copyButton(() => block.textContent ?? ''),
  );
}

// The guides are written for the default address; here they name the server that shows them, so that what is copied runs.
for (const code of document.querySelectorAll('article code'))
  if (code.textContent?.includes(DEFAULT_ADDRESS))
    code.textContent = code.textContent.replaceAll(DEFAULT_ADDRESS, addressOf('').replace(/\/$/, ''));

const filter = document.querySelector('#filter');
if (filter instanceof HTMLInputElement) {
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of document.querySelectorAll('[data-find]')) {
      const text = (each.getAttribute('data-find') ?? '').toLowerCase();
      const matches = words.every((word) => text.includes(word));
      each.toggleAttribute('hidden', !matches);
      if (matches) shown += 1;
    }
    // Groups of which nothing is left would be headings over nothing.
    for (const group of document.querySelectorAll('.links, .group')) {
      const listed = group.querySelectorAll('[data-find]');
      group.toggleAttribute('hidden', words.length > 0 && listed.length > 0 && group.querySelector('[data-find]:not([hidden])') === null);
    }
    document.querySelector('#no-match')?.toggleAttribute('hidden', shown > 0);
  };
  filter.addEventListener('input', () => {
    apply();
    // What is left may be far above.
    scrollTo({ top: 0 });
  });
  filter.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || filter.value === '') return;
    // Otherwise Escape would also close the contents on a phone.
    event.preventDefault();
    filter.value = '';
    apply();
  });
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    filter.focus();
  });
  // A page that was left and is shown again may come with what was typed.
  apply();
}

const side = document.querySelector('#side');
side?.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('a') !== null && side.matches(':popover-open'))
    /** @type {HTMLElement} */ (side).hidePopover();
});

/** Opens the details that an address points to, and marks where one is. */
function follow() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id === '' ? null : document.getElementById(id);
  for (const link of document.querySelectorAll('#side a')) {
    const isHere = link.getAttribute('href') === `#${id}`;
    link.toggleAttribute('data-here', isHere);
    if (isHere) link.scrollIntoView({ block: 'nearest' });
  }
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
}
addEventListener('hashchange', follow);
follow();
