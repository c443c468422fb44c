/** Markup that needs no escaping any more. */
export type Html = Readonly<{ markup: string }>;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it stands in markup or in a quoted attribute. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

const markupOf = (value: Html | readonly Html[] | string): string => {
  if (typeof value === 'string') return escaped(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
};

/** Text put into markup is escaped; markup put into markup is not. */
export const html = (parts: TemplateStringsArray, ...values: readonly (Html | readonly Html[] | string)[]): Html => ({
  markup: parts.reduce((before, part, index) => before + markupOf(values[index - 1] ?? '') + part),
});

export const nothing: Html = { markup: '' };
