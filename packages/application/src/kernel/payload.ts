/** What an event tells one audience, as JSON. `version`: that of the conversation, where the payload has one. */
export type Encoded = Readonly<{ json: string; version: number | undefined }>;

/** Presented and encoded once, when first asked for. Throws what presenting it throws. */
export type Payload = () => Encoded;

export function payloadOf(present: () => object): Payload {
  let encoded: Encoded | undefined;
  return () => {
    if (encoded !== undefined) return encoded;
    const presented: object & { version?: number } = present();
    return (encoded = { json: JSON.stringify(presented), version: presented.version });
  };
}
