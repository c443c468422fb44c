declare module 's3rver' {
  import type { AddressInfo } from 'node:net';
  /** What the tests use of it; the package brings no types. */
  export default class S3rver {
    constructor(options: Readonly<Record<string, unknown>>);
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }
}
