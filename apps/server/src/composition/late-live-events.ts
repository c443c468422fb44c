import type { LiveEvents } from '@coucou/application/ports/live-events';

/**
 * The storage tells live events, the gateway carries them, and the gateway needs operations that need the storage. What is told before
 * the gateway is there is lost, which harms nobody: nobody is connected.
 */
export function createLateLiveEvents(): LiveEvents & { bind(live: LiveEvents): void } {
  let bound: LiveEvents | undefined;
  return {
    publish: (account, events) => bound?.publish(account, events),
    bind(live) {
      bound = live;
    },
  };
}
