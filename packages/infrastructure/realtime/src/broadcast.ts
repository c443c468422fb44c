import type { Follower } from './rooms.ts';

/** How a packet that goes to many is written: read by Engine.IO, and by plain connections. One for all of them. */
export type BroadcastOptions = {
  readonly preEncoded: true;
  readonly compress: false;
  /** The whole frame of a WebSocket of Engine.IO's, in its order of writing. */
  readonly wsPreEncodedFrame: readonly [Buffer];
  /** That of a plain WebSocket, which has no types of packets; made for the first of them. */
  plainFrame: Buffer | undefined;
};

const FINAL_TEXT = 0x81;

/** An unmasked text frame (RFC 6455, section 5.2): header and payload in one buffer, so that each socket makes one write of it. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + length);
  frame[0] = FINAL_TEXT;
  if (header === 2) frame[1] = length;
  else if (header === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, header);
  return frame;
}

/**
 * Sends an event to these sockets, framed once; `json` is its payload. `isLossy`: those that are still busy with what they were sent before do not
 * get it.
 */
export function broadcast(to: readonly Follower[], event: string, json: string, isLossy: boolean): void {
  const packet = `2["${event}",${json}]`;
  const options: BroadcastOptions = {
    preEncoded: true,
    compress: false,
    wsPreEncodedFrame: [textFrame(`4${packet}`)],
    plainFrame: undefined,
  };
  for (const { conn } of to) if (!isLossy || conn.transport.writable) conn.write(packet, options);
}
