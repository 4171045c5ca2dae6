import { factsOf } from '../../src/judge/facts/index.ts';
import { holdsAtEveryMoment } from './goldens.ts';

// Every fact that was measured, a line each; `#2` = of the second address of the target.
holdsAtEveryMoment('facts.txt', ({ perAddress }) =>
  perAddress.flatMap((readings, i) =>
    Object.entries(factsOf(readings)).flatMap(([name, value]) =>
      value === null ? [] : [`${name}${i === 0 ? '' : `#${i + 1}`} = ${JSON.stringify(value)}`],
    ),
  ),
);
