import { describe, expect, it } from 'vitest';
import { cleanFileName } from './file-name.ts';

const bytes = (text: string): number => encodeURIComponent(text).replaceAll(/%../g, '.').length;

describe('cleanFileName', () => {
  it.each([
    ['holiday.jpg', 'holiday.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\bob\\cv.docx', 'cv.docx'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['   ', 'file'],
    ['\u3164\u2800', 'file'],
    ['a/', 'file'],
    ['.env', '.env'],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['in\u2066vis\u2069ible\u200b.txt', 'invisible.txt'],
    ['a\u0000b\r\nc.txt', 'abc.txt'],
    ['two   spaces .txt. ', 'two spaces .txt'],
    ['half\ud800.txt', 'half\ufffd.txt'],
    ['👨‍👩‍👧.png', '👨‍👩‍👧.png'],
    ['می‌خواهم.pdf', 'می‌خواهم.pdf'],
    ['e\u0301.txt', '\u00e9.txt'],
  ])('makes of %j the label %j', (raw, clean) => expect(cleanFileName(raw)).toBe(clean));

  it('keeps a name within 255 bytes, its extension, and whole characters', () => {
    const long = cleanFileName(`${'猫'.repeat(200)}.jpeg`);
    expect(bytes(long)).toBeLessThanOrEqual(255);
    expect(long).toMatch(/^猫+\.jpeg$/);
    expect(bytes(cleanFileName('😀'.repeat(100)))).toBe(252);
    expect(cleanFileName(`a.${'x'.repeat(300)}`)).toHaveLength(255);
  });

  // In time that grows with the square of the length, these would take hours.
  it('is no work for a name of any length', () => {
    expect(cleanFileName(`${'.'.repeat(2_000_000)}x`)).toHaveLength(255);
    expect(cleanFileName(`a${'\u0301\u0323'.repeat(2_000_000)}.txt`)).toMatch(/\.txt$/);
  });

  it('changes nothing the second time', () => {
    for (const name of ['../a b .txt', 'x\u202e.png', '猫'.repeat(99)])
      expect(cleanFileName(cleanFileName(name))).toBe(cleanFileName(name));
  });
});
