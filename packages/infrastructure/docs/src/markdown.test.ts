import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';

const render = (text: string) => renderMarkdown(text, (href) => (href.startsWith('https://') ? href : undefined));

describe('Markdown as markup', () => {
  it('shows raw HTML instead of obeying it', () => {
    const { markup } = render('<script>alert(1)</script>\n\nText <img src=x onerror=alert(1)> `<b>`');
    expect(markup).not.toMatch(/<(script|img|b)\b/);
    expect(markup).toContain('&lt;script&gt;');
  });

  it('keeps only links that have a target, and no images', () => {
    const { markup } = render(
      '[a](https://example.com/?a=1&b=2) [b](javascript:alert(1)) [c](../secret.md) ![d](https://example.com/x.png)',
    );
    expect(markup).toContain('<a href="https://example.com/?a=1&amp;b=2">a</a> b c d');
  });

  it('gives headings the anchors that GitHub gives them', () => {
    const { headings } = render('# Files & `code`\n\n## 1. Sign up, log in\n\n## 1. Sign up, log in\n\n## Über _uns_');
    expect(headings).toEqual([
      { level: 1, text: 'Files & code', anchor: 'files--code' },
      { level: 2, text: '1. Sign up, log in', anchor: '1-sign-up-log-in' },
      { level: 2, text: '1. Sign up, log in', anchor: '1-sign-up-log-in-1' },
      { level: 2, text: 'Über uns', anchor: 'über-uns' },
    ]);
  });

  it('leaves out contents, which the page has at its side, and no other list', () => {
    const { markup } = render('- [1. One](#1-one) · [2. Two](#2-two)\n- [3. Three](#3-three)\n\nText\n\n- [a](#a) is kept\n- so is this');
    expect(markup).not.toContain('#1-one');
    expect(markup).not.toContain('#3-three');
    expect(markup.match(/<li>/g)).toHaveLength(2);
  });

  it('lets code be copied, and tables be scrolled', () => {
    const { markup } = render('```js\nif (a < b) c();\n```\n\n| a | b |\n|---|---|\n| `1` | 2 |');
    expect(markup).toContain('<pre class="copy"><code>if (a &lt; b) c();</code></pre>');
    expect(markup).toContain('<div class="table"><table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td><code>1</code></td>');
  });
});
