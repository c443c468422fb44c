import { describe, expect, it } from 'vitest';
import { isSameAddress } from './proof-address.ts';

describe('the address of a proof', () => {
  it.each([
    ['https://chat.example.com/ws', 'https://chat.example.com/ws'],
    ['HTTPS://Chat.Example.com:443/ws', 'https://chat.example.com/ws'],
    ['https://chat.example.com/ws?token=1#x', 'https://chat.example.com/ws'],
    ['https://chat.example.com/socket.io/', 'https://chat.example.com/socket.io'],
    ['http://localhost:3000/ws', 'http://127.0.0.1:3000/ws'],
    ['http://[::1]:3000/ws', 'http://localhost:3000/ws'],
    ['https://chat.example.com/a/../ws', 'https://chat.example.com/ws'],
  ])('%s is %s', (htu, expected) => expect(isSameAddress(htu, expected)).toBe(true));

  it.each([
    ['http://chat.example.com/ws', 'https://chat.example.com/ws'],
    ['https://chat.example.com:8443/ws', 'https://chat.example.com/ws'],
    ['https://chat.example.com.evil.example/ws', 'https://chat.example.com/ws'],
    ['https://chat.example.com@evil.example/ws', 'https://chat.example.com/ws'],
    ['https://user@chat.example.com/ws', 'https://chat.example.com/ws'],
    ['https://chat.example.com/WS', 'https://chat.example.com/ws'],
    ['https://chat.example.com/ws/x', 'https://chat.example.com/ws'],
    ['/ws', 'https://chat.example.com/ws'],
    ['', 'https://chat.example.com/ws'],
    ['http://localhost:3001/ws', 'http://127.0.0.1:3000/ws'],
    ['http://localhost/ws', 'http://chat.example.com/ws'],
  ])('%s is not %s', (htu, expected) => expect(isSameAddress(htu, expected)).toBe(false));
});
