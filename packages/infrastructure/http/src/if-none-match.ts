const opaque = (etag: string): string => etag.trim().replace(/^W\//, '');

/** Whether the header names this entity tag, compared weakly, or any at all (RFC 9110, 13.1.2). */
export const isHeld = (header: string | undefined, etag: string): boolean =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((one) => opaque(one) === opaque(etag)));
