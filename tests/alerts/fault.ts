import type { Stage } from './stage.ts';

/** Something that breaks, and the alerts that are to say so, as `CoucouNodeDown, page`. */
export type Fault = Readonly<{
  name: string;
  fires: readonly string[];
  /** Run in CI, which has not the time for all. */
  inSmoke?: true;
  /** What it fires measures sends in milliseconds. A busy machine stays slower than promised, so nobody sends until it has ended. */
  endsInSilence?: true;
  /** Answers what mends it. */
  begin: (stage: Stage) => Promise<() => Promise<void>>;
}>;
