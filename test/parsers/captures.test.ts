import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { consoleText } from '../../src/parsers/console-text.ts';
import { parsePing } from '../../src/parsers/ping.ts';
import { parseProcArp, parseProcRoute } from '../../src/parsers/proc-net.ts';
import type { TraceContext } from '../../src/parsers/trace.ts';
import { type Dialect, parseTraceroute } from '../../src/parsers/traceroute.ts';
import { pingErrors, traceErrors } from './truth.ts';

/** Recordings of real machines lie beside the project, since they are not ours to give away. */
function recordings(): string | null {
  if (process.env.REACHDOCTOR_CAPTURES !== undefined) return process.env.REACHDOCTOR_CAPTURES;
  for (let at = fileURLToPath(new URL('../../', import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    const beside = join(at, '../shared/captures');
    if (existsSync(beside)) return beside;
  }
  return null;
}

const directory = recordings();

describe.skipIf(directory === null)(
  'recordings of real machines (skipped: ../shared/captures is not there)',
  () => {
    const files = directory === null ? [] : readdirSync(directory, { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
      test(file.replace('.json', ''), () => {
        const { context, parser, truth } = JSON.parse(readFileSync(join(directory!, file), 'utf8'));
        const bytes = readFileSync(join(directory!, file.replace('.json', '.txt')));
        const text = consoleText(bytes, null);
        if (truth.kind === 'ping') expect(pingErrors(parsePing(text, context.address), truth)).toEqual([]);
        else if (truth.kind === 'trace') {
          const asked = { ...context, tcpFlags: false } as TraceContext & { tcpFlags: boolean };
          const read = parseTraceroute(text, context.dialect as Dialect, asked);
          expect(traceErrors(read, truth)).toEqual([]);
        } else if (parser === 'net_arp') {
          for (const row of truth.rows)
            expect(parseProcArp(text, row.IP_address), row.IP_address).toMatchObject({ state: 'COMPLETE' });
        } else if (parser === 'net_route') {
          expect(parseProcRoute(text, '192.0.2.7')).toMatchObject({
            kind: 'unicast',
            device: 'ens33',
            gateway: '192.168.71.2',
          });
          expect(parseProcRoute(text, '192.168.71.9')).toMatchObject({ device: 'ens33', onLink: true });
        } else if (parser === 'net_ipv6_route') {
          expect(parseProcRoute(text, '2001:db8::7').kind).toBe('none');
          expect(parseProcRoute(text, 'fe80::1')).toMatchObject({ device: 'ens33', onLink: true });
        } else expect.fail(`no reading for ${parser}`);
      });
    }
  },
);
