import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseResolvConf } from '../../src/doors/resolver-config.ts';
import { parseBsdRoute } from '../../src/parsers/bsd-route.ts';
import { consoleText } from '../../src/parsers/console-text.ts';
import { parseResolvectl, parseScutilDns } from '../../src/parsers/domain-resolvers.ts';
import { hostsEntries } from '../../src/parsers/hosts.ts';
import { parseIfconfig } from '../../src/parsers/ifconfig.ts';
import { parseIpAddr } from '../../src/parsers/ip-addr.ts';
import { parseIpNeigh } from '../../src/parsers/ip-neigh.ts';
import { parseIpRouteGet } from '../../src/parsers/ip-route.ts';
import { parseIpconfig } from '../../src/parsers/ipconfig.ts';
import { parseMtr } from '../../src/parsers/mtr.ts';
import { parseNeighbours } from '../../src/parsers/neighbours.ts';
import { parsePathping } from '../../src/parsers/pathping.ts';
import { parsePing } from '../../src/parsers/ping.ts';
import { parseRouteTable } from '../../src/parsers/route-table.ts';
import { parseTcptraceroute } from '../../src/parsers/tcptraceroute.ts';
import { parseTestNetConnection } from '../../src/parsers/test-net-connection.ts';
import type { TraceContext } from '../../src/parsers/trace.ts';
import { parseTracepath } from '../../src/parsers/tracepath.ts';
import { type Dialect, parseTraceroute } from '../../src/parsers/traceroute.ts';
import { parseTracert } from '../../src/parsers/tracert.ts';
import { parseFindNetRoute } from '../../src/parsers/windows-route.ts';
import { pingErrors, traceErrors } from './truth.ts';

/**
 * `fixtures/TOOL/SYSTEM--STORY.txt` is what the tool of that system prints, written from its table of messages (in octets of
 * a code page where `codePage` says so); `.json` is what was asked and what is true. Neither was made by a parser of ours.
 */
const DIRECTORY = fileURLToPath(new URL('fixtures/', import.meta.url));

interface Asked extends TraceContext {
  dialect?: Dialect;
  tcpFlags?: boolean;
  host?: string;
}

const traces: Record<string, typeof parseTracert> = {
  tracert: parseTracert,
  pathping: parsePathping,
  mtr: parseMtr,
  tracepath: parseTracepath,
  tcptraceroute: parseTcptraceroute,
};

const values: Record<string, (text: string, asked: Asked) => unknown> = {
  'route-get': (text) => parseBsdRoute(text),
  'ip-route': (text) => parseIpRouteGet(text),
  'ip-addr': (text) => parseIpAddr(text),
  'ip-neigh': (text, { address }) => parseIpNeigh(text, address, null),
  'route-table': (text, { address }) => parseRouteTable(text, address),
  neighbours: (text, { address }) => parseNeighbours(text, address),
  ifconfig: (text) => parseIfconfig(text),
  ipconfig: (text) => parseIpconfig(text),
  scutil: (text) => parseScutilDns(text),
  resolvectl: (text) => parseResolvectl(text),
  'resolv-conf': (text) => parseResolvConf(text),
  hosts: (text, { host }) => hostsEntries(text, host ?? ''),
  'find-netroute': (text) => parseFindNetRoute(text),
  'test-net-connection': (text) => parseTestNetConnection(text),
};

const names = readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.includes('/') && name.endsWith('.json'))
  .sort();

describe('outputs written from the message tables of the programs', () => {
  for (const name of names) {
    test(name.replace('.json', ''), () => {
      const { parser, asked, codePage, truth } = JSON.parse(readFileSync(DIRECTORY + name, 'utf8'));
      const bytes = readFileSync(DIRECTORY + name.replace('.json', '.txt'));
      // What a console said is read by its page, and by its words where nobody knows the page.
      for (const page of codePage === undefined ? [null] : [codePage, null]) {
        const text = consoleText(bytes, page);
        if (parser === 'ping') expect(pingErrors(parsePing(text, asked.address), truth)).toEqual([]);
        else if (parser === 'traceroute') {
          const read = parseTraceroute(text, asked.dialect, { tcpFlags: false, ...asked });
          expect(traceErrors(read, truth)).toEqual([]);
        } else if (traces[parser] !== undefined)
          expect(traceErrors(traces[parser](text, asked), truth)).toEqual([]);
        else if (values[parser] !== undefined) expect(values[parser](text, asked)).toEqual(truth);
        else expect.fail(`no parser is called ${parser}`);
      }
    });
  }

  test('there are enough of them to mean something', () => {
    expect(names.length).toBeGreaterThanOrEqual(300);
  });
});
