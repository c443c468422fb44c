/** Keys that a store must not take for anything but text. */
export const hostileKeys: [name: string, key: string][] = [
  ['nothing', ''],
  ['spaces and lines', ' \r\n\t'],
  ['braces, brackets and stars', '{a}{b}[*]?'],
  ['a name of every object', '__proto__'],
  ['other alphabets and NUL', 'ünïcode 👍🏽 \u0000 \ud800'],
];
