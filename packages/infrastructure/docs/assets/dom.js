/**
 * An element with attributes and children. Text is always text: nothing here parses markup.
 * @param {string} tag
 * @param {Record<string, string | boolean | (() => void)>} [attributes] `on…` are listeners; false leaves an attribute out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/**
 * The address of a path of the server, also where a proxy puts a path before it.
 * @param {string} path
 */
export const addressOf = (path) => new URL(`../..${path}`, import.meta.url).href;

/**
 * The one element that a selector names.
 * @param {ParentNode} within
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function one(within, selector) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/**
 * A button that copies a text and says so.
 * @param {() => string} text
 * @param {string} [label]
 */
export function copyButton(text, label = 'Copy') {
  const button = element('button', { type: 'button', class: 'copy-button' }, label);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = 'Copied';
    } catch {
      // Without HTTPS a browser offers no clipboard, except on this machine.
      button.textContent = 'Select and copy';
    }
    setTimeout(() => (button.textContent = label), 1500);
  };
  button.addEventListener('click', () => void copy());
  return button;
}

/**
 * JSON as a person reads it; text that is none as it is.
 * @param {unknown} value
 */
export const pretty = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
