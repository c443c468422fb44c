import { token } from '../kernel/token.ts';

/** How long after posting an author may edit, and delete for everyone, in seconds; undefined: no limit. */
export type MessageSettings = Readonly<{ editWindowSeconds: number | undefined; deleteWindowSeconds: number | undefined }>;
export const MessageSettings = token<MessageSettings>('MessageSettings');
