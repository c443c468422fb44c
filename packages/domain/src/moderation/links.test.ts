import { describe, expect, it } from 'vitest';
import { Links } from './links.ts';

const allowed = ['example.com'];

describe('links', () => {
  it.each([
    ['nothing', 0],
    ['http://', 0],
    ['example.org without a scheme', 0],
    ['https://spam.example/a?b=c#d, and (http://spam.example).', 2],
    ['HTTPS://Spam.Example www.spam.example awww.spam', 2],
    // Full width, and a character that is not seen.
    ['ｈｔｔｐｓ：／／spam.example h\u200bttps://spam.example', 2],
    ['https://example.com https://docs.example.com:8080/a https://EXAMPLE.com. https://user:secret@example.com/', 0],
    // What only looks allowed: browsers go elsewhere.
    ['https://example.com@spam.example https://spam.example\\@example.com https://notexample.com https://example.com.spam.example', 4],
    ['https://spam.example?https://example.com https://spam.example#@example.com', 2],
  ])('%s', (content, links) => {
    expect(Links.count(content, allowed)).toBe(links);
  });

  // One that begins anew at each of them would not come to an end here.
  it('are counted whatever a host is made of', () => {
    // The sign folds to three dots.
    expect(Links.count(`www.${'…'.repeat(200_000)}a`, allowed)).toBe(1);
  });
});
