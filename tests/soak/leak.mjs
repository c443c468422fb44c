// Loaded before a node: plants a leak of memory, one of timers and one of descriptors. Each answered HTTP request leaves something behind.
import { openSync } from 'node:fs';
import { Server } from 'node:http';
import { isMainThread } from 'node:worker_threads';

const KEPT_NUMBERS = 8_000;
const NEVER_MS = 2 ** 31 - 1;

if (isMainThread) {
  const kept = [];
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (name, ...args) {
    if (name === 'request') {
      kept.push(Array.from({ length: KEPT_NUMBERS }, Math.random));
      setTimeout(() => {}, NEVER_MS);
      openSync('/dev/null');
    }
    return emit.call(this, name, ...args);
  };
}
