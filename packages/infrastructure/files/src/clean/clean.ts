import { cleanFlac } from './flac.ts';
import { cleanIff, cleanRiff } from './riff.ts';
import { cleanTags } from './id3.ts';
import { cleanMatroska } from './matroska.ts';
import { cleanHeif, cleanMp4 } from './mp4.ts';
import { cleanOgg } from './ogg.ts';
import { type Patch, type Source, windowed } from './source.ts';

type Cleaner = (source: Source) => Promise<readonly Patch[]>;

const cleaners: Readonly<Record<string, Cleaner>> = {
  'video/mp4': cleanMp4,
  'video/quicktime': cleanMp4,
  'video/x-m4v': cleanMp4,
  'video/3gpp': cleanMp4,
  'video/3gpp2': cleanMp4,
  'audio/mp4': cleanMp4,
  'audio/x-m4a': cleanMp4,
  'image/heic': cleanHeif,
  'image/heif': cleanHeif,
  'image/heic-sequence': cleanHeif,
  'image/heif-sequence': cleanHeif,
  'video/webm': cleanMatroska,
  'video/matroska': cleanMatroska,
  'audio/mpeg': cleanTags,
  'audio/aac': cleanTags,
  'audio/flac': cleanFlac,
  'audio/ogg': cleanOgg,
  'audio/ogg; codecs=opus': cleanOgg,
  'video/ogg': cleanOgg,
  'audio/wav': cleanRiff,
  'video/vnd.avi': cleanRiff,
  'audio/aiff': cleanIff,
};

/**
 * The byte ranges of a file to overwrite so that its metadata (place, time, author, device) is gone. Picture,
 * sound and subtitles stay as they are. Empty for types that are stored as they come.
 */
export const patchesOf = async (source: Source, type: string): Promise<readonly Patch[]> =>
  (await cleaners[type]?.(windowed(source))) ?? [];
