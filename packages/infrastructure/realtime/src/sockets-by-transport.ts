import type { Sample } from '@coucou/application/ports/metrics';
import type { ConnectionTransport } from '@coucou/domain/activity/connection';
import type { Socket } from 'socket.io';
import { PlainConnection } from './plain-connection.ts';

export const transportOf = ({ conn }: Socket): ConnectionTransport =>
  (conn as unknown) instanceof PlainConnection ? 'plain' : conn.transport.name === 'polling' ? 'polling' : 'websocket';

/** How many there are of each transport, those without any among them. */
export function socketsByTransport(sockets: Iterable<Socket>): Sample<'transport'>[] {
  const counts = new Map<ConnectionTransport, number>([
    ['polling', 0],
    ['websocket', 0],
    ['plain', 0],
  ]);
  for (const socket of sockets) {
    const transport = transportOf(socket);
    counts.set(transport, (counts.get(transport) ?? 0) + 1);
  }
  return [...counts].map(([transport, value]) => ({ labels: { transport }, value }));
}
