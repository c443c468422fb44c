import type { Counter, Histogram, Metrics } from '../ports/metrics.ts';
import { metrics as catalogue } from './catalogue.ts';

/** What HTTP requests are counted as that call no operation, and calls of operations that do not exist: their names come from callers. */
export const OTHER = 'other';
export const UNKNOWN = 'unknown';

/** The operation whose acknowledgements are measured apart, since a promise is made about them. */
const SEND = 'messages.send';

/** `status`: that of HTTP, whatever the transport. `seconds`: absent for what was refused before any work. */
export type CountCall = (operation: string, status: number, seconds?: number) => void;

type Series = Readonly<{ duration: Histogram; byClass: (Counter | undefined)[] }>;

/** Counts the calls of one transport. The series of an operation are made with its first call, and kept. */
export function createCountCall(metrics: Metrics, transport: 'http' | 'socket.io' | 'websocket'): CountCall {
  const known = new Map<string, Series>();
  const acknowledged = metrics.histogram(catalogue.sendDuration, {});
  return (operation, status, seconds) => {
    let series = known.get(operation);
    if (series === undefined) {
      series = { duration: metrics.histogram(catalogue.callDuration, { transport, operation }), byClass: [] };
      known.set(operation, series);
      // Failures count from 0: a rate does not see a series begin.
      series.byClass[5] = metrics.counter(catalogue.calls, { transport, operation, status: '5xx' });
    }
    const statusClass = Math.trunc(status / 100);
    const counter = (series.byClass[statusClass] ??= metrics.counter(catalogue.calls, {
      transport,
      operation,
      status: `${statusClass}xx`,
    }));
    counter.add();
    if (seconds === undefined) return;
    series.duration.observe(seconds);
    if (operation === SEND && statusClass === 2) acknowledged.observe(seconds);
  };
}
