import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CONNECTION_BUDGET, SYN_BUDGET } from '../../src/command/manners.ts';
import { DEFAULT_MAX_TIME_S, MAX_ALTERNATE_PORTS } from '../../src/command/settings.ts';
import { SILENT_HOLD_MS } from '../../src/gather/plan/failing.ts';
import { TARGET_END_MS, TARGET_STARTS_MS } from '../../src/gather/plan/index.ts';
import { DNS_TIMEOUT_MS } from '../../src/gather/plan/name.ts';
import { NOTICE_MS } from '../../src/gather/probes/dns.ts';
import { PENDING_AFTER_MS } from '../../src/gather/probes/tcp-connect.ts';
import type { Evidence } from '../../src/model/evidence.ts';

/** What texts promise in numbers, against what the code obeys and what saved runs did. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(`${ROOT}README.md`, 'utf8').replaceAll(/\s+/g, ' ');

describe('README', () => {
  test('Manners', () => {
    expect(readme).toContain(`sends at most about ${SYN_BUDGET} SYNs to an address of the target`);
    expect(CONNECTION_BUDGET).toBe(24);
    expect(readme).toContain('completes at most about two dozen connections');
  });
  test('the first picture is what that run says', () => {
    const run = readFileSync(`${ROOT}test/scenarios/router-2-drops-the-port/terminal.txt`, 'utf8');
    expect(readme).toContain(run.replaceAll(/\s+/g, ' ').trim());
  });
  test('links lead somewhere', () => {
    for (const [, file = ''] of readme.matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(`${ROOT}${file}`), file).toBe(true);
  });
  test('options', () => {
    expect(readme).toContain(`end after this time (default ${DEFAULT_MAX_TIME_S})`);
    expect(readme).toContain(`other ports of the host to compare with, at most ${MAX_ALTERNATE_PORTS};`);
  });
});

test('the times of src/README.md are those of the plan', () => {
  const map = readFileSync(`${ROOT}src/README.md`, 'utf8').replaceAll(/\s+/g, ' ');
  const s = (ms: number) => `${ms / 1000} s`;
  const [first, second, third] = TARGET_STARTS_MS.map((ms) => ms / 1000);
  expect(map).toContain(`Three SYNs from three sockets, at ${first}, ${second} and ${third} s:`);
  expect(TARGET_STARTS_MS).toHaveLength(3);
  expect(map).toContain(`**${s(PENDING_AFTER_MS)}** without an answer: \`tcp-connect\` reports \`pending\``);
  expect(map).toContain(
    `So the last attempt lives ${s(TARGET_END_MS - Math.max(...TARGET_STARTS_MS))}, a sweep`,
  );
  expect(map).toContain(`held open for ${s(SILENT_HOLD_MS)} after those ${s(PENDING_AFTER_MS)}`);
  expect(map).toContain(`**${s(DNS_TIMEOUT_MS)}**: so long programs wait for a resolver, and so do we.`);
  expect(map).toContain(`At ${s(NOTICE_MS)} its silence is told`);
});

const SCENARIOS = `${ROOT}test/scenarios/`;
const runs = readdirSync(SCENARIOS).filter((name) => existsSync(`${SCENARIOS}${name}/evidence.json`));

/** SYNs and completed connections of one run to each address, as far as its observations tell. */
function trafficOf({ observations }: Evidence): Map<string, { syns: number; connections: number }> {
  const to = new Map<string, { syns: number; connections: number }>();
  const add = (address: string, syns: number, connections: number) => {
    const known = to.get(address) ?? { syns: 0, connections: 0 };
    to.set(address, { syns: known.syns + syns, connections: known.connections + connections });
  };
  for (const o of observations) {
    if (o.data === null) continue;
    if (o.probe === 'tcp-connect') {
      const { attempts } = o.data;
      add(o.input.address, attempts.length, attempts.filter(({ outcome }) => outcome === 'open').length);
    } else if (o.probe === 'alternate-ports') {
      const open = o.data.ports.filter(({ outcome }) => outcome === 'open').length;
      add(o.input.address, o.data.ports.length, open);
    } else if (o.probe === 'trace-syn' && o.data.protocol === 'tcp') {
      add(o.input.address, o.data.replies.length, 0);
    } else if (o.probe === 'tls' || o.probe === 'ssh' || o.probe === 'http' || o.probe === 'greeting') {
      add(o.input.address, 1, 1);
    }
  }
  return to;
}

test.each(runs)('the saved run %s keeps what is promised', (name) => {
  const traffic = trafficOf(
    JSON.parse(readFileSync(`${SCENARIOS}${name}/evidence.json`, 'utf8')) as Evidence,
  );
  for (const [address, { syns, connections }] of traffic) {
    expect(syns, address).toBeLessThanOrEqual(SYN_BUDGET);
    expect(connections, address).toBeLessThanOrEqual(CONNECTION_BUDGET);
  }
});

/** Numbers with a unit in the sentences of rules: none is ours, so that no constant of ours can leave them behind. */
test('rules promise no number of the code', () => {
  // The kernel's neighbour discovery, and the time that programs and services take.
  const OF_THE_WORLD = ['three seconds', 'five seconds', 'ten seconds', '5 s'];
  const folder = `${ROOT}rules/`;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const said = readFileSync(folder + file, 'utf8').replaceAll(/^ *(prior)?[rR]eason: .*$/gm, '');
      const numbers = said.matchAll(
        /\b(\d+|two|three|four|five|six|ten|a dozen)\s+(s|ms|seconds|SYNs|connections|attempts|ports)\b/g,
      );
      return [...numbers].map(([phrase]) => phrase.replace(/\s+/g, ' '));
    });
  expect(found.filter((phrase) => !OF_THE_WORLD.includes(phrase))).toEqual([]);
});
