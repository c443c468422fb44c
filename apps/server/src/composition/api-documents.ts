import type { Catalogue } from './catalogue.ts';

type Info = Readonly<{ version: string; url?: string }>;

/**
 * The OpenAPI and AsyncAPI documents of this server, made when they are asked for: most servers never are, and do not load the code.
 * `listening` answers the server's own URL, empty before it listens.
 */
export const apiDocuments = (catalogue: Catalogue, info: Info, listening: () => string) => ({
  // Without a public address relative to where it was read, which is right wherever the reader comes from.
  openapi: async () => (await import('@coucou/docs/openapi')).openApiDocument(catalogue.operations, catalogue.errors, info),
  // Has no relative addresses: without a public one it names where the server listens.
  asyncapi: async () => {
    const url = listening();
    return (await import('@coucou/docs/asyncapi')).asyncApiDocument(catalogue.operations, catalogue.serverEvents, {
      ...(url !== '' && { url }),
      ...info,
    });
  },
});
