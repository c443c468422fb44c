/**
 * Loaded into every server under test before its own code: answers, over the parent's channel, what processor time the
 * process has used, and what memory it holds. The kernel's exact count, and the same gauge for the product as for what it is compared with.
 */
process.on('message', (message) => {
  if (message === 'cpu') process.send?.(process.cpuUsage());
  if (message === 'memory') {
    globalThis.gc?.();
    process.send?.(process.memoryUsage());
  }
});
// A parent that died leaves no server behind; and the channel alone keeps no server alive.
process.on('disconnect', () => process.exit());
process.channel?.unref();
