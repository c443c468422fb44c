import { expect } from 'vitest';
import { patchesOf } from './clean.ts';
import { patched } from './source.ts';

/** What must not be found afterwards, and what must. */
export const SECRET = 'CANARY+48.8584+002.2945/';
export const PICTURE = Buffer.from('picture and sound '.repeat(20));

export const u32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255));
export const le32 = (value: number): Buffer => u32(value).swap32();
export const text = (value: string): Buffer => Buffer.from(value, 'latin1');
export const box = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), text(type), body]);
};
export const full = (type: string, version: number, ...content: Buffer[]): Buffer => box(type, Buffer.from([version, 0, 0, 0]), ...content);

export async function cleaned(bytes: Buffer, type: string, partSize = 64): Promise<Buffer> {
  const patches = await patchesOf({ size: bytes.length, read: async (start, end) => Buffer.from(bytes.subarray(start, end)) }, type);
  async function* parts() {
    for (let at = 0; at < bytes.length; at += partSize) yield bytes.subarray(at, at + partSize);
  }
  const made: Uint8Array[] = [];
  for await (const part of patched(parts(), patches)) made.push(part);
  return Buffer.concat(made);
}

/** The file says nothing more, keeps its length, and the picture is where it was. */
export async function expectClean(bytes: Buffer, type: string): Promise<Buffer> {
  expect(bytes.includes('CANARY')).toBe(true);
  const whole = await cleaned(bytes, type, bytes.length);
  for (const size of [1, 7]) expect((await cleaned(bytes, type, size)).equals(whole)).toBe(true);
  expect(whole.includes('CANARY')).toBe(false);
  expect([whole.length, whole.indexOf(PICTURE)]).toEqual([bytes.length, bytes.indexOf(PICTURE)]);
  expect(whole.indexOf(PICTURE)).toBeGreaterThan(0);
  // Nothing more is to be done.
  expect((await cleaned(whole, type)).equals(whole)).toBe(true);
  return whole;
}

export const handler = (kind: string): Buffer => full('hdlr', 0, u32(0), text(kind), Buffer.alloc(13));
