/** `--there` over programs that fail, babble and are not there: told as such, and never evidence. */
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { inProcess } from '../command/in-process.ts';

let port = 0;
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as { port: number }).port;
  await new Promise((resolve) => server.close(resolve));
});
const run = async (...flags: string[]) => {
  const { stdout } = await inProcess('--diagnose', `127.0.0.1:${port}`, '--json', ...flags);
  return { report: JSON.parse(stdout) as Report };
};

let alone: Report;
beforeAll(async () => {
  alone = (await run()).report;
});

describe('a carrier that does not do its work', () => {
  it.each([
    ['cmd:false', 'false ended with exit code 1'],
    ['cmd:no-such-program', 'no-such-program is not installed here'],
    ['cmd:yes', 'it printed more than any answer, and was ended'],
    ['cmd:echo hello', 'holds no answer'],
    ['cmd:cat', 'cut short'],
    ['netns:no-such-name', 'Cannot open network namespace'],
  ])('%s', async (carrier, words) => {
    const { report } = await run('--there', carrier);
    const failed = report.views?.find(({ kind }) => kind === 'server');
    expect(failed).toMatchObject({ ok: false, by: carrier });
    expect(failed?.reason).toContain(words);
    expect(report.observations.filter(({ probe }) => probe === 'other-end')).toEqual([]);
    expect(report.outcome).toBe(alone.outcome);
    expect(report.causes.map(({ id }) => id)).toEqual(alone.causes.map(({ id }) => id));
    for (const [place, { confidence }] of report.causes.entries())
      expect(confidence).toBeCloseTo(alone.causes[place]?.confidence ?? -1, 2);
  });
});
