/** Markup that needs no escaping any more. */
export type Html = Readonly<{ markup: string }>;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const markupOf = (value: Html | readonly Html[] | string): string => {
  if (typeof value === 'string') return value.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
};

/** Text put into markup is escaped; markup put into markup is not. */
export const html = (parts: TemplateStringsArray, ...values: readonly (Html | readonly Html[] | string)[]): Html => ({
  markup: parts.reduce((before, part, index) => before + markupOf(values[index - 1] ?? '') + part),
});

export const nothing: Html = { markup: '' };

/** A page of the documentation: no script, no inline style, nothing from elsewhere. */
export const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
${body}
</body>
</html>
`.markup;

export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
a { color: inherit; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 0.25rem; }
code, pre { font: 0.875em/1.5 ui-monospace, monospace; }
pre { background: var(--soft); padding: 0.75rem; overflow-x: auto; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; white-space: pre-line; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); }
ul.index { columns: 16rem; padding-left: 1rem; }
`;
