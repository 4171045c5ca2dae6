/** What instrumented code asks, and what the runner sets; one a process. */
export interface Mutation {
  /** Whether this mutant is awake. Also remembers that it was asked. */
  at(id: number): boolean;
  /**
   * `left operator right`, or what the mutant that is awake makes of it: `others` are the operators of the mutants from `first`
   * on, `numbers` those of the number on the right. Only mutants that would have come to another truth were asked.
   */
  compare(
    operator: string,
    left: unknown,
    right: unknown,
    others: string[],
    first: number,
    numbers: [id: number, right: number][],
  ): boolean;
  /** `left && right()`, or `left || right()` where the mutant is awake; it was asked where that may be another value. */
  and(id: number, left: unknown, right: () => unknown): unknown;
  or(id: number, left: unknown, right: () => unknown): unknown;
  /** A list made when a module loads, which has these mutants: they are asked when somebody looks at it. */
  list(ids: number[], list: unknown[]): unknown[];
  /** Runs `set` now, and again whenever what is static wakes or falls asleep. */
  again(set: () => void): void;
  /** Wakes one mutant, or with 0 none; `isStatic`: it stands in what is set when a module loads. */
  wake(id: number, isStatic: boolean): void;
  /** Since the last call, the loading of modules included: which mutants could have made a difference, and which comparisons were made at all. */
  asked(): { asked: number[]; reached: number[] };
}

declare global {
  var $mutation: Mutation | undefined;
}

/** A mutant that never comes to an end is stopped after this many questions. */
const MOST_QUESTIONS = 5_000_000;

export function createMutation(count: number): Mutation {
  let awake = 0;
  let isChanged = false;
  let questions = 0;
  const setters: (() => void)[] = [];
  const asked = new Uint8Array(count + 1);
  const reached = new Uint8Array(count + 1);
  const setAll = (): void => {
    for (const set of setters) set();
  };
  const question = (): void => {
    if (awake !== 0 && ++questions > MOST_QUESTIONS) {
      questions = 0;
      throw new Error('this mutant does not end');
    }
  };
  return {
    at(id) {
      asked[id] = 1;
      question();
      return id === awake;
    },
    compare(operator, left, right, others, first, numbers) {
      question();
      const truth = compared(operator, left, right);
      let told = truth;
      for (let i = 0; i < others.length; i++) {
        reached[first + i] = 1;
        if (compared(others[i]!, left, right) === truth) continue;
        asked[first + i] = 1;
        if (awake === first + i) told = !truth;
      }
      for (const [id, other] of numbers) {
        reached[id] = 1;
        if (compared(operator, left, other) === truth) continue;
        asked[id] = 1;
        if (awake === id) told = !truth;
      }
      return told;
    },
    and(id, left, right) {
      question();
      reached[id] = 1;
      if (id === awake) return left || right();
      if (!left) asked[id] = 1;
      const told = left && right();
      if (left && (!told || told !== left)) asked[id] = 1;
      return told;
    },
    or(id, left, right) {
      question();
      reached[id] = 1;
      if (id === awake) return left && right();
      if (left) asked[id] = 1;
      const told = left || right();
      if (told !== left) asked[id] = 1;
      return told;
    },
    list(ids, list) {
      return new Proxy(list, {
        get(target, key, receiver) {
          for (const id of ids) asked[id] = 1;
          return Reflect.get(target, key, receiver);
        },
      });
    },
    again(set) {
      setters.push(set);
      set();
    },
    wake(id, isStatic) {
      awake = id;
      questions = 0;
      if (isStatic || isChanged) setAll();
      isChanged = isStatic;
    },
    asked() {
      const those = (flags: Uint8Array) => [...flags.keys()].filter((id) => flags[id] === 1);
      const found = { asked: those(asked), reached: those(reached) };
      asked.fill(0);
      reached.fill(0);
      return found;
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the source compares
function compared(operator: string, left: any, right: any): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '==':
      // biome-ignore lint/suspicious/noDoubleEquals: as the source does
      return left == right;
    default:
      // biome-ignore lint/suspicious/noDoubleEquals: as the source does
      return left != right;
  }
}
