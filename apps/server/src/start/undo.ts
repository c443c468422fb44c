/** What was opened, in order. */
export type Undo = (() => Promise<void>)[];

/** Lets go of everything, the last first; a step that fails does not keep the others from theirs. */
export async function unwind(undo: Undo, onError: (error: unknown) => void): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step();
    } catch (error) {
      onError(error);
    }
  }
}
