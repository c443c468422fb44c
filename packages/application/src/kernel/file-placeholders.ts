import type { SignedUrls, SignFile } from '../ports/file-urls.ts';

/**
 * Signed URLs are secrets that live for minutes, so an answer is kept without them and signed whenever it is given, for the session that
 * asks. `marker` is a digest that no client can guess, hence none of a client's own texts looks like one of these.
 */
export function filePlaceholders(marker: string) {
  const sign: SignFile = ({ id, hasThumbnail }) => {
    const placeholder = (part: keyof SignedUrls) => `${marker}:${id}:${hasThumbnail ? 'thumbnail' : 'none'}:${part}`;
    return {
      url: placeholder('url'),
      thumbnailUrl: hasThumbnail ? placeholder('thumbnailUrl') : undefined,
      expiresAt: placeholder('expiresAt'),
    };
  };
  const fill = (body: string, signed: SignFile): string => {
    const pattern = new RegExp(`"${marker}:([^:"]+):(thumbnail|none):(\\w+)"`, 'g');
    return body.replaceAll(pattern, (_, id: string, thumbnail: string, part: string) =>
      JSON.stringify(
        signed({ id: id as Parameters<SignFile>[0]['id'], hasThumbnail: thumbnail === 'thumbnail' })[part as keyof SignedUrls],
      ),
    );
  };
  return { sign, fill };
}
