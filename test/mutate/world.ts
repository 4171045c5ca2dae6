/** What instrumented code asks, and what the runner sets; one a process. */
export interface Mutation {
  /** Whether this mutant is awake. Also remembers that it was asked. */
  at(id: number): boolean;
  /** Runs `set` now, and again whenever another mutant wakes. */
  again(set: () => void): void;
  /** Wakes one mutant, or with 0 none. */
  wake(id: number): void;
  /** Which mutants were asked since the last call, those that are asked while modules load included. */
  asked(): number[];
}

declare global {
  var $mutation: Mutation | undefined;
}

/** A mutant that never comes to an end is stopped after this many questions. */
const MOST_QUESTIONS = 5_000_000;

export function createMutation(count: number): Mutation {
  let awake = 0;
  let questions = 0;
  const setters: (() => void)[] = [];
  const asked = new Uint8Array(count + 1);
  const setAll = (): void => {
    for (const set of setters) set();
  };
  return {
    at(id) {
      asked[id] = 1;
      if (awake !== 0 && ++questions > MOST_QUESTIONS) {
        questions = 0;
        throw new Error('this mutant does not end');
      }
      return id === awake;
    },
    again(set) {
      setters.push(set);
      set();
    },
    wake(id) {
      awake = id;
      questions = 0;
      setAll();
    },
    asked() {
      const ids = [...asked.keys()].filter((id) => asked[id] === 1);
      asked.fill(0);
      return ids;
    },
  };
}
