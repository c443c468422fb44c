import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './names.ts';

/** What a node wrote for the others: `seq` counts its envelopes from 1. */
export type Envelope = Readonly<{ node: string; seq: number; body: string }>;

/** The format of the bytes, version, tag, node, seq, body, and of the events in the body: incremented when one changes incompatibly. */
const VERSION = 2;
const TAG = 1;
const TAG_BYTES = 32;
const NODE = TAG + TAG_BYTES;
const NODE_BYTES = 16;
const SEQ = NODE + NODE_BYTES;
const SEQ_BYTES = 6;
const BODY = SEQ + SEQ_BYTES;

/**
 * Who can publish on Redis is not thereby a node: an envelope counts with an HMAC-SHA-256 under a key derived from the server's secret.
 * Texts are readable to whoever reads that Redis, as they are in the database; TLS (`rediss://`) keeps them from the network.
 */
export type Envelopes = Readonly<{
  /** The bytes of this node's next envelope. */
  seal: (body: string) => Buffer;
  /** Leaves a number out. */
  skip: () => void;
  /** Whether it names this process as its writer; not whether that is true. */
  isOwn: (bytes: Buffer) => boolean;
  /** Undefined for what no node of this deployment and version wrote. */
  open: (bytes: Buffer) => Envelope | undefined;
}>;

export function createEnvelopes(secret: string): Envelopes {
  const key = deriveKey(secret, 'events');
  const node = randomBytes(NODE_BYTES);
  let seq = 0;
  const tagOf = (bytes: Buffer): Buffer => createHmac('sha256', key).update(bytes.subarray(0, TAG)).update(bytes.subarray(NODE)).digest();
  return {
    skip: () => void (seq += 1),
    isOwn: (bytes) => bytes.subarray(NODE, SEQ).equals(node),
    seal(body) {
      seq += 1;
      const bytes = Buffer.allocUnsafe(BODY + Buffer.byteLength(body));
      bytes[0] = VERSION;
      node.copy(bytes, NODE);
      bytes.writeUIntBE(seq, SEQ, SEQ_BYTES);
      bytes.write(body, BODY);
      tagOf(bytes).copy(bytes, TAG);
      return bytes;
    },
    open(bytes) {
      if (bytes.length < BODY || bytes[0] !== VERSION || !timingSafeEqual(tagOf(bytes), bytes.subarray(TAG, NODE))) return undefined;
      return {
        node: bytes.toString('hex', NODE, SEQ),
        seq: bytes.readUIntBE(SEQ, SEQ_BYTES),
        body: bytes.toString('utf8', BODY),
      };
    },
  };
}
