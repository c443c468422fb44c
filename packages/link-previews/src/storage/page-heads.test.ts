import { describe, expect, it } from 'vitest';
import { linkPreviewLimits } from '../domain/limits.ts';
import { pageHeads } from './page-heads.ts';

/** As much of it as is read of a page. */
const filled = (piece: string): string => piece.repeat(linkPreviewLimits.pageBytes / piece.length);

describe('the head of a page', () => {
  it('is read as far as it goes, in whatever it lies', () => {
    const html = `<html><head>${'<noscript>'.repeat(20)}<meta property="og:title" content="Deep">${'</noscript>'.repeat(20)}<title>Page</title>`;
    expect(Object.fromEntries(pageHeads.read(html))).toEqual({ 'og:title': 'Deep', title: 'Page' });
    expect(pageHeads.read('<title>Page</title></head><title>Another</title>').get('title')).toBe('Page');
    expect(pageHeads.read('<body><title>Page</title>').size).toBe(0);
  });

  // A parser that moves what is open with every element would take minutes.
  it.each(['<b>', '<b></x>', '<svg>', '<template>', '<p>', '<', '<a b=c ', '<meta name=a content=b>', '&amp;', '<!--', '</a>'])(
    'is read of a page of %s alone',
    (piece) => {
      expect(pageHeads.read(`<title>Page</title>${filled(piece)}`).get('title')).toBe('Page');
      expect(pageHeads.read(`<title>Page</title>${'<b>'.repeat(60_000)}${'</x>'.repeat(60_000)}`).get('title')).toBe('Page');
    },
  );
});
