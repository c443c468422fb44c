/** What every page of the server has in common: the logo, the colours in light and dark, and the style that all others build on. */

/** A speech bubble that is a bird's head. Also served as the favicon. */
export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Coucou"><path fill="#5b4ee6" d="M32 6C17 6 6 16.5 6 30c0 7.6 3.5 14.2 9 18.6V60l11.5-7.2c1.8.3 3.6.5 5.5.5 15 0 26-10 26-23.3S47 6 32 6Z"/><circle cx="27" cy="26" r="5" fill="#fff"/><circle cx="28.4" cy="26" r="2.2" fill="#1b1840"/><path fill="#ffb020" d="m41 22 18 6.5L42 36z"/></svg>`;

/** Custom properties: ink on paper, lines and the borders of controls, soft backgrounds, and the accent of links and buttons. Contrast is AA (WCAG 2.2) in both schemes. */
const COLOURS = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f6f5fb; --ink: #1d1b2e; --quiet: #5d5a72; --line: #e2e0ee;
  --accent: #4f42d8; --on-accent: #ffffff; --warm: #945a00; --good: #157a4a; --bad: #b3261e; --code: #f1f0f9; --control: #8a86a6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14131f; --raised: #1d1b2c; --ink: #eceaf7; --quiet: #a5a1bd; --line: #34314a;
    --accent: #a79dff; --on-accent: #14131f; --warm: #ffc45c; --good: #5fd39a; --bad: #ff8f87; --code: #211f33; --control: #716d93;
  }
}
`;

/** The colours, and what they apply to on every page. */
export const BASE = `${COLOURS}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
