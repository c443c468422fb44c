import type { Watching } from '@coucou/application/ports/watching';

/** Operations need it before the gateway is there, which needs the operations. Nobody is connected until then. */
export function createLateWatching(): Watching & { bind(watching: Watching): void } {
  let bound: Watching | undefined;
  return {
    watch: (socketId, following) => bound?.watch(socketId, following),
    unwatch: (socketId, account, conversationId) => bound?.unwatch(socketId, account, conversationId),
    watchInbox: (socketId, account) => bound?.watchInbox(socketId, account),
    unwatchInbox: (socketId, account) => bound?.unwatchInbox(socketId, account),
    bind(watching) {
      bound = watching;
    },
  };
}
