import { z } from 'zod';
import { time } from './types.ts';

/** An event that the server sends to clients. */
export type ServerEvent<Name extends string = string, Payload extends z.ZodObject = z.ZodObject> = Readonly<{
  name: Name;
  summary: string;
  payload: Payload;
}>;

/** Every event says when it happened. */
export const event = <const Name extends string, Shape extends z.ZodRawShape>(
  name: Name,
  summary: string,
  shape: Shape,
): ServerEvent<Name, z.ZodObject<Shape & { at: typeof time }>> => ({ name, summary, payload: z.object({ ...shape, at: time }) as never });
