/**
 * A timer that lets this process look for input once more before it acts: where the machine is busy the answer may have come
 * and lie there unread. Timers come before input in a turn of node's event loop, and setImmediate after it.
 *
 * @returns what stops it.
 */
export function afterLastLook(ms: number, act: () => void): () => void {
  let isOver = false;
  const timer = setTimeout(() => {
    setImmediate(() => {
      if (!isOver) act();
    });
  }, ms);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
