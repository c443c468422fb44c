/** Whom to ask about a server: with its own address, for the product knows no other. */
export const contactOf = ({ url }: DocumentInfo): object => ({
  name: 'The operator of this server',
  ...(url === undefined ? {} : { url }),
});

/** What the documents say of the server as a whole. */
export type DocumentInfo = Readonly<{
  version: string;
  /** The server's public address; absent in the documents that are committed. */
  url?: string;
}>;
