// Loaded before a node: answers at the socket SOAK_PROBE what the process holds after a full collection.
import { readdirSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

const requireFromRealtime = createRequire(new URL('../../packages/infrastructure/realtime/package.json', import.meta.url));
const MIB = 1024 * 1024;

if (isMainThread) {
  const { Socket } = requireFromRealtime('socket.io');
  const { Rooms } = await import('@coucou/realtime/rooms');
  const entered = new Set();
  const enter = Rooms.prototype.enter;
  Rooms.prototype.enter = function (...args) {
    entered.add(this);
    return enter.apply(this, args);
  };
  const rooms = () => [...entered].reduce((sum, { size }) => sum + size.rooms, 0);

  // Sockets that something still refers to, whether they are connected or not.
  let socketObjects = 0;
  const collected = new FinalizationRegistry(() => (socketObjects -= 1));
  const onConnect = Socket.prototype._onconnect;
  Socket.prototype._onconnect = function (...args) {
    socketObjects += 1;
    collected.register(this, undefined);
    return onConnect.apply(this, args);
  };

  // Unreferenced, so that neither this socket nor its connections are among the active resources.
  const answer = async (connection) => {
    connection.unref();
    globalThis.gc();
    // Finalizers run in later turns, and let go of more.
    await nextTurn();
    globalThis.gc();
    await nextTurn();
    connection.end(JSON.stringify({ ...held(), rooms: rooms(), socketObjects }));
  };
  createServer((connection) => void answer(connection))
    .listen(process.env.SOAK_PROBE)
    .unref();
}

function held() {
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    heapMiB: heapUsed / MIB,
    externalMiB: external / MIB,
    rssMiB: rss / MIB,
    ...descriptors(),
    timers: resources.filter((name) => name === 'Timeout').length,
    handles: resources.filter((name) => name.endsWith('Wrap')).length,
  };
}

/** Linux only; elsewhere nothing. */
function descriptors() {
  try {
    const links = readdirSync('/proc/self/fd').flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/self/fd/${descriptor}`)];
      } catch {
        // The one that read the directory.
        return [];
      }
    });
    return { descriptors: links.length, kernelSockets: links.filter((link) => link.startsWith('socket:')).length };
  } catch {
    return {};
  }
}
