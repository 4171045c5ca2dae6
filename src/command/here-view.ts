import type { Evidence } from '../model/evidence.ts';
import { HERE, type View } from '../model/views.ts';

/** The views of a run so far: this client's own where none was named. */
export const viewsOf = ({ views, vantage }: Evidence): View[] => [
  ...(views ?? [
    {
      name: HERE,
      kind: 'client',
      by: null,
      ok: true,
      reason: null,
      clockOffsetMs: null,
      privileges: vantage.privileges,
    },
  ]),
];
