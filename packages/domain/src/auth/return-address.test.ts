import { describe, expect, it } from 'vitest';
import { isOnThisMachine, mayReturnTo, withParameter } from './return-address.ts';

const allowed = ['https://app.example.com/signed-in', 'https://other.example.com/', 'com.example.app:/signed-in'];

describe('a return address', () => {
  it.each([
    'https://app.example.com/signed-in',
    'https://app.example.com/signed-in?from=menu',
    'https://other.example.com/',
    'https://other.example.com/any/where?a=b',
    'com.example.app:/signed-in',
  ])('may be %s', (address) => {
    expect(mayReturnTo(address, allowed)).toBe(true);
  });

  it.each([
    'https://app.example.com/',
    'https://app.example.com/signed-in/more',
    'https://app.example.com/signed-in-elsewhere',
    'https://app.example.com:8443/signed-in',
    'http://app.example.com/signed-in',
    'https://evil.example/?https://app.example.com/signed-in',
    'https://evil.example/#https://app.example.com/signed-in',
    'https://other.example.com.evil.example/',
    'https://other.example.com@evil.example/',
    'https://other.example.comevil.example/',
    'com.example.app:/signed-in/more',
    'com.example.other:/signed-in',
    'javascript:alert(1)',
    '',
  ])('may not be %s', (address) => {
    expect(mayReturnTo(address, allowed)).toBe(false);
  });

  it('may be nothing when nothing is allowed', () => {
    expect(mayReturnTo('https://app.example.com/', [])).toBe(false);
  });

  it.each([
    ['http://localhost/', true],
    ['http://localhost:5173/a', true],
    ['http://127.0.0.1:3000/', true],
    ['http://[::1]:3000/', true],
    ['http://localhost.evil.example/', false],
    ['http://localhost:80@evil.example/', false],
    ['http://127.0.0.1.evil.example/', false],
    ['https://evil.example/?http://localhost/', false],
    ['ftp://localhost/', false],
  ])('%s is on this machine: %s', (address, isLocal) => {
    expect(isOnThisMachine(address)).toBe(isLocal);
  });

  it('takes another parameter', () => {
    expect(withParameter('https://a.example/', 'code', 'a&b=c')).toBe('https://a.example/?code=a%26b%3Dc');
    expect(withParameter('https://a.example/?x=y', 'code', 'a')).toBe('https://a.example/?x=y&code=a');
  });
});
