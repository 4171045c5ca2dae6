import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/probes.ts';
import type { Report } from '../../src/model/report.ts';
import { formatOfFile, render } from '../../src/report/index.ts';
import { pathTables } from '../../src/report/paths.ts';
import { referenceOf } from '../../src/report/request/reference.ts';
import { SAMPLES } from './samples.ts';

const drop = SAMPLES['router-drops-the-port'] as Report;
const changed = (change: (report: Report) => void, from: Report = drop): Report => {
  const report = structuredClone(from);
  change(report);
  return report;
};

describe('the file that is passed on', () => {
  test('says who is asked, for what, how certain it is, and when it is done', async () => {
    const text = await render('markdown', drop);
    for (const part of ['**For**', '**Asked**', '**Certainty**', '**Effect**', '**Reference**'])
      expect(text).toContain(part);
    for (const title of ['Ticket text', 'The connection', 'Proof', 'Please answer', 'Done when', 'Ruled out'])
      expect(text).toContain(`## ${title}`);
  });
  test('names both devices, and who runs them', async () => {
    expect(await render('markdown', drop)).toContain(
      'whoever runs 198.51.100.9 (hop 3) and 203.0.113.5 (hop 4)',
    );
  });
  test('F2: behind NAT the far end is told not to look for the private address', async () => {
    const text = await render('markdown', drop);
    expect(text).toMatch(/not 10\.0\.0\.5: a private address, translated on the way/);
    const seen = changed((report) => {
      report.vantage.seenAs = '203.0.113.9';
    });
    expect(await render('markdown', seen)).toContain('203.0.113.9, as the sender says');
  });
  test('every attempt stands there with its time and, where known, its source port', async () => {
    const report = changed(({ observations }) => {
      for (const o of observations)
        if (o.probe === 'tcp-connect')
          for (const [i, one] of (o.data?.attempts ?? []).entries()) one.sourcePort = 51_234 + i;
    });
    const text = await render('markdown', report);
    expect(text).toMatch(/\| 12:00:00\.250 \| 51235 \|/);
    expect(text).toContain('10.0.0.5, ports 51234, 51235');
  });
  test('speaks of the sender, not of "you"', async () => {
    expect(await render('markdown', SAMPLES['name-not-found'] as Report)).not.toMatch(/^### You$/m);
  });
  test('asks nobody else where it can be mended on this side', async () => {
    const own = changed((report) => {
      report.causes[0]!.owner = 'you';
      report.causes[0]!.where = { kind: 'this-machine' };
    });
    const text = await render('markdown', own);
    expect(text).not.toMatch(/Ticket text|Please answer|Commands by platform|The connection/);
  });
  test('output stands there once, and never that of the whole machine', async () => {
    const ping = drop.observations.find(({ raw }) => raw !== null)!;
    const report = changed(({ observations }) => {
      observations.push({ ...ping, id: 'ping-2' } as Observation);
      observations.push({
        ...ping,
        id: 'local-1',
        probe: 'local-network',
        data: null,
        raw: 'ether 9a:c9:e8:08:43:a1',
      } as unknown as Observation);
    });
    for (const format of ['markdown', 'html', 'text'] as const) {
      const text = await render(format, report);
      expect(text.split('icmp_seq=1').length, format).toBe(2);
      expect(text, format).not.toContain('9a:c9:e8');
    }
  });
  test('text has 72 columns, commands and output apart', async () => {
    const long = (await render('text', drop))
      .split('\n')
      .filter((line) => line.length > 72 && !line.startsWith('    '));
    expect(long).toEqual([]);
    expect(formatOfFile('x.txt')).toEqual({ format: 'text' });
  });
  test('the reference names the run: the same one again, another one for another run', () => {
    expect(referenceOf(drop)).toMatch(/^RD-20261120-120000-[0-9a-f]{4}$/);
    expect(referenceOf(structuredClone(drop))).toBe(referenceOf(drop));
    expect(
      referenceOf(
        changed((report) => {
          report.target.port += 1;
        }),
      ),
    ).not.toBe(referenceOf(drop));
  });
  test('of a machine in a known cloud only that cloud is asked about', async () => {
    const cloud = changed((report) => {
      report.target.host = 'ec2-192-0-2-7.eu-west-1.compute.amazonaws.com';
    });
    const text = await render('markdown', cloud);
    expect(text).toMatch(/^### AWS$/m);
    expect(text).not.toMatch(/^### (Azure|Google Cloud)$/m);
  });
});

describe('the path', () => {
  const open = changed((report) => {
    for (const address of report.target.addresses) address.outcome = 'open';
  });
  test('F4: never ends where the port was answered', () => {
    expect(pathTables(drop)[0]!.partText).toContain('ends here');
    expect(pathTables(open).map(({ partText }) => partText)).toEqual([null]);
  });
  test('F32: a UDP trace reaches the host by its port unreachable', () => {
    const udp = changed((report) => {
      const [path] = report.paths;
      report.paths.push({ ...structuredClone(path!), method: 'udp', port: 33_434, reached: true });
      const last = report.paths.at(-1)!.hops.at(-1)!;
      Object.assign(last, { address: path!.address, answer: 'unreachable', rttMs: 0.3 });
    });
    const cells = pathTables(udp)[0]!.rows.flatMap((row) => row.cells.map((cell) => cell?.text ?? ''));
    expect(cells).toContain('reaches the host, 0.3 ms');
    expect(cells.join()).not.toContain('rejected');
  });
  test('F37: no time of a connection is told that the start of the program made', async () => {
    expect(await render('markdown', SAMPLES['port-closed'] as Report)).not.toMatch(
      /(refused after|accepts connections \() ?\d+ ms/,
    );
  });
});
