import { token } from '../kernel/token.ts';

/** Digests of what callers send. */
export interface RequestDigests {
  /** Equal for equal parts, and under a key of the server: nobody who reads it can try out what a request held. Hexadecimal, 256 bits. */
  fingerprint(parts: readonly unknown[]): string;
  /** A UUIDv5 (RFC 9562), equal for equal parts on every server. */
  uuid(parts: readonly string[]): string;
}
export const RequestDigests = token<RequestDigests>('RequestDigests');
