/** What the documents say of the server as a whole. */
export type DocumentInfo = Readonly<{
  version: string;
  /** The server's public address; absent in the documents that are committed. */
  url?: string;
}>;
