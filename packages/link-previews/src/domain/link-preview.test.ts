import { describe, expect, it } from 'vitest';
import { linksOf, previewOf } from './link-preview.ts';

describe('the links of a text', () => {
  it.each([
    ['nothing here', []],
    ['see https://example.com.', ['https://example.com/']],
    ['(https://example.com/a_(b)), then', ['https://example.com/a_(b)']],
    ['https://example.com/a#b and https://example.com/a#c', ['https://example.com/a']],
    ['<https://example.com/quiet> but https://example.com/loud', ['https://example.com/loud']],
    ['<https://example.com/quiet>https://example.com/loud', ['https://example.com/loud']],
    ['**https://example.com/bold**', ['https://example.com/bold']],
    ['ftp://example.com https://localhost/ https:// xhttps://example.com', []],
    ['http://example.com', ['http://example.com/']],
    ['https://user:secret@example.com/', []],
    ['https://müller.example/ä', ['https://xn--mller-kva.example/%C3%A4']],
    [`https://example.com/${'a'.repeat(2_000)}`, []],
    [
      'https://a.example https://b.example https://c.example https://d.example',
      ['https://a.example/', 'https://b.example/', 'https://c.example/'],
    ],
  ])('%s', (content, links) => {
    expect(linksOf(content)).toEqual(links);
  });

  it('are found however many brackets are behind one', () => {
    expect(linksOf(`https://example.com/(a${')'.repeat(500_000)}`)).toEqual(['https://example.com/(a)']);
  });
});

describe('a preview', () => {
  const of = (head: Record<string, string>) => previewOf('https://example.com/a/', new Map(Object.entries(head)));

  it('says what the page says of itself, Open Graph first', () => {
    expect(
      of({ title: 'Page', 'og:title': ' The \n page ', description: 'plain', 'og:site_name': 'Site', 'og:image': '../b.png' }),
    ).toEqual({
      url: 'https://example.com/a/',
      title: 'The page',
      description: 'plain',
      siteName: 'Site',
      imageUrl: 'https://example.com/b.png',
    });
  });

  it('has a title, or is none', () => {
    expect(of({ description: 'about nothing', 'og:title': ' ' })).toBeUndefined();
    expect(of({ 'og:title': ' ', title: 'Page' })).toEqual({ url: 'https://example.com/a/', title: 'Page' });
  });

  it('takes no text and no address that is too long, broken or not for clients', () => {
    const preview = of({ title: `\u0000\ud800${'é'.repeat(300)}`, 'og:image': 'http://example.com/a.png' });
    expect([...(preview?.title ?? '')]).toHaveLength(200);
    expect(preview?.title).toMatch(/^\ufffdé+…$/);
    expect(preview).not.toHaveProperty('imageUrl');
    expect(of({ title: 'Page', 'og:image': 'data:image/png;base64,AAAA' })).not.toHaveProperty('imageUrl');
  });
});
