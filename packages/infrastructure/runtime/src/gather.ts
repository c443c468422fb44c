/**
 * Makes one call of many: what is asked for while a call is under way is asked for by the next one. An idle server adds no wait, and a busy one
 * makes few calls. A call that fails fails for all that it was made for. `call` answers in the order of what it was given.
 */
export function gather<Item, Answer>(call: (items: readonly Item[]) => Promise<readonly Answer[]>): (item: Item) => Promise<Answer> {
  let waiting: Readonly<{ item: Item; answer: PromiseWithResolvers<Answer> }>[] = [];
  let isUnderWay = false;

  async function next(): Promise<void> {
    isUnderWay = true;
    while (waiting.length > 0) {
      const these = waiting;
      waiting = [];
      try {
        const answers = await call(these.map(({ item }) => item));
        for (const [at, { answer }] of these.entries()) answer.resolve(answers[at] as Answer);
      } catch (error) {
        for (const { answer } of these) answer.reject(error);
      }
    }
    isUnderWay = false;
  }

  return (item) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.push({ item, answer });
    if (!isUnderWay) void next();
    return answer.promise;
  };
}
