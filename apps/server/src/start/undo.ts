/** What was opened, in order. */
export type Undo = (() => Promise<void>)[];

/** Closes everything in reverse order; a failing step does not prevent the others. */
export async function unwind(undo: Undo, onError: (error: unknown) => void): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
    try {
      await step();
    } catch (error) {
      onError(error);
    }
  }
}
