import { Adapter } from 'socket.io-adapter';

/**
 * Keeps no rooms: who hears what is known to `Rooms`, once for each person, and `broadcast` writes to the sockets. Socket.IO's own adapter would keep
 * two sets for each socket and every membership twice.
 */
export class RoomlessAdapter extends Adapter {
  override addAll(): void {}
  override del(): void {}
  override delAll(): void {}
}
