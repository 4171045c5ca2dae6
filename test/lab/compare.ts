/**
 * `npm run lab:compare -- [--write] [words of names]`: what telnet, ssh, openssl s_client and curl print about a fault, recorded
 * in the lab, beside what reachdoctor says. `--write` puts the table into docs/comparison.md. One row for each fault that the name
 * without its topology tells apart.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseTarget } from '../../src/command/target.ts';
import { isUsageError } from '../../src/command/usage-error.ts';
import type { Report } from '../../src/model/report.ts';
import { markdownTable, putIntoDocs } from '../command/docs-block.ts';
import { judge } from './judge.ts';
import { type Lab, outputInScenario, prepareLab } from './laboratory.ts';
import type { Scenario } from './scenario.ts';
import { allScenarios } from './scenarios.ts';
import { layOut } from './topology.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    dist: { type: 'string' },
    raw: { type: 'boolean', default: false },
  },
});

const LIMIT_MS = 6000;
const LONGEST = 110;
const TOOLS = ['telnet', 'ssh', 'openssl', 'curl'] as const;
type Tool = (typeof TOOLS)[number];

const CLASSICS = [
  'nothing listens on the port',
  'a router drops the port',
  'the host is off',
  'the last router answers the port with a reset',
];
const FAMILIES =
  /^(service-(plain|tls|database|unresponsive)|path-mtu-blackhole|middlebox-(drop|reset|intercept))$/;
/** Has a table of its own. */
const HOSTILE = /^hostile:/;

interface Said {
  text: string;
  exit: number | null;
}

const nameOf = ({ name }: Scenario): string => name.replace(/ \([^()]*\)$/, '');

/** The classics, then one scenario for each fault of the services. */
async function chosen(): Promise<Scenario[]> {
  const all = await allScenarios();
  const classics = CLASSICS.flatMap((name) => all.find((scenario) => nameOf(scenario) === name) ?? []);
  const services = all.filter(({ family, name }) => FAMILIES.test(family) && !HOSTILE.test(name));
  const rows = new Map<string, Scenario>();
  for (const scenario of [...classics, ...services]) {
    const { at } = layOut(scenario.topology);
    const isWell = [scenario.truth(at)].flat().every(({ causes }) => causes.length === 0);
    const fault = nameOf(scenario).replace(/\d+/g, 'N');
    // A port that is well looks the same every time.
    const row = isWell ? `well: ${scenario.family} ${scenario.target(at).replace(/^.*:/, '')}` : fault;
    if (!rows.has(row)) rows.set(row, scenario);
  }
  return [...rows.values()].filter(({ name }) => positionals.every((word) => name.includes(word)));
}

function jobsOf(
  scenario: Scenario,
): { name: string; command: string[]; limitMs: number; until: string | null }[] {
  const { at } = layOut(scenario.topology);
  const typed = scenario.target(at);
  const target = parseTarget(typed);
  if (isUsageError(target)) throw new Error(`${scenario.name}: ${typed} is no target`);
  const { host, port } = target;
  const flags = scenario.flags?.(at) ?? [];
  const ca = flags[flags.indexOf('--ca') + 1];
  const withCa = (option: string): string[] =>
    flags.includes('--ca') && ca !== undefined ? [option, ca] : [];
  const bracketed = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const url = /^https?:/.test(typed) ? typed : bracketed;
  const quiet = ['BatchMode=yes', 'StrictHostKeyChecking=accept-new', 'UserKnownHostsFile=/dev/null'];
  const tool = (name: Tool, command: string[], until: string | null = null) => ({
    name,
    command,
    limitMs: LIMIT_MS,
    until,
  });
  return [
    {
      name: 'reachdoctor',
      command: [
        '/run/lab/node',
        '/run/lab/app/dist/cli.js',
        '--json',
        '--quiet',
        '--diagnose',
        typed,
        ...flags,
      ],
      limitMs: 30_000,
      until: null,
    },
    // Into a pipe, both hold back what a terminal shows at once, and it would be lost when they are stopped.
    tool('telnet', ['stdbuf', '-oL', 'telnet', host, String(port)], 'Escape character'),
    tool('ssh', ['ssh', '-T', ...quiet.flatMap((option) => ['-o', option]), '-p', String(port), host]),
    // Ends with its input, as after Ctrl-D.
    tool('openssl', [
      'sh',
      '-c',
      'exec "$@" < /dev/null',
      'sh',
      'stdbuf',
      '-oL',
      'openssl',
      's_client',
      '-connect',
      bracketed,
      ...withCa('-CAfile'),
    ]),
    // Without a terminal it would draw a progress meter into its own lines.
    tool('curl', ['curl', '-sSv', ...withCa('--cacert'), url]),
  ];
}

/** The line of a tool's output that people would quote. */
const DECISIVE: Record<Tool, (lines: string[]) => string | undefined> = {
  telnet: (lines) => {
    const connected = lines.findIndex((line) => line.startsWith('Escape character'));
    return connected >= 0 ? (lines[connected + 1] ?? lines[connected - 1]) : lines.at(-1);
  },
  ssh: (lines) => lines.filter((line) => !line.startsWith('Warning: Permanently added')).at(-1),
  openssl: (lines) =>
    lines.find((line) => /:error:|^error:/.test(line)) ??
    lines.find((line) => /^((connect|read|write):errno|verify error:|getaddrinfo)/.test(line)) ??
    lines.find((line) => /^Verif(y return code|ication)/.test(line.trim())) ??
    lines.at(-1),
  curl: (lines) =>
    lines.findLast((line) => line.startsWith('curl: (')) ??
    lines.find((line) => line.startsWith('< HTTP/')) ??
    lines.findLast((line) => /^\* (?! *CA(file|path))/.test(line)),
};

/** In a cell, as code: one line, nothing that a terminal or Markdown would obey. */
function code(text: string): string {
  const plain = text
    .replace(/[^\x20-\x7e]+/g, '.')
    .replaceAll('`', "'")
    .trim();
  const short = plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
  return `\`${short.replaceAll('|', '\\|')}\``;
}

function quoteOf(tool: Tool, { text, exit }: Said): string {
  // OpenSSL prefixes errors with the thread's number and ends them with file and line: neither helps.
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/^[0-9A-F]{8,16}:(error:)/, '$1').replace(/:\.\.\/[^:]+:\d+:.*$/, ''))
    .filter((line) => line.trim() !== '');
  const line = DECISIVE[tool](lines);
  const stopped = exit === null;
  if (line === undefined)
    return stopped ? `(nothing, after ${LIMIT_MS / 1000} s)` : `(nothing, exit ${exit})`;
  const waits = tool !== 'telnet' || /^Trying/.test(line);
  const later = stopped ? (waits ? `, and nothing more after ${LIMIT_MS / 1000} s` : ', and waits') : '';
  return `${code(line)}${later}`;
}

interface Row {
  cells: string[];
  complaints: string[];
}

async function compare(lab: Lab, scenario: Scenario): Promise<Row> {
  // A network for each: `openssl s_server` serves one client at a time, and what one tool leaves behind would be the next one's fault.
  const said = {} as Record<Tool | 'reachdoctor', Said>;
  for (const job of jobsOf(scenario)) {
    const { text } = await outputInScenario(lab, scenario, () => [
      '/run/lab/node',
      `${lab.services}/say-tools.js`,
      JSON.stringify([job]),
    ]);
    Object.assign(said, JSON.parse(text));
  }
  if (values.raw)
    for (const [name, { text, exit }] of Object.entries(said)) console.log(`--- ${name} ${exit}\n${text}`);
  const report = JSON.parse(said.reachdoctor.text) as Report;
  const { complaints } = judge(
    report,
    said.reachdoctor.exit ?? -1,
    scenario.truth(layOut(scenario.topology).at),
  );
  const [cause] = report.causes;
  const verdict = report.headline.replace(/^\S+: /, '');
  const sure = cause === undefined ? '' : ` (${Math.round(cause.confidence * 100)} %)`;
  return {
    cells: [
      nameOf(scenario),
      ...TOOLS.map((tool) => quoteOf(tool, said[tool])),
      `${verdict.replaceAll('|', '\\|').replaceAll('<', '&lt;')}${sure}`,
    ],
    complaints,
  };
}

const lab = await prepareLab(values.dist);
if ('impossible' in lab) {
  console.error(lab.impossible);
  process.exit(2);
}
try {
  const scenarios = await chosen();
  const rows: Row[] = [];
  const queue = [...scenarios.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [place, scenario] = next;
      const row = await compare(lab, scenario);
      rows[place] = row;
      console.log(`${row.complaints.length === 0 ? 'ok  ' : 'FAIL'} ${row.cells.join('\n       ')}`);
      for (const complaint of row.complaints) console.log(`       ${complaint}`);
    }
  };
  await Promise.all([worker(), worker()]);
  const failed = rows.filter(({ complaints }) => complaints.length > 0).length;
  const head = ['What is wrong', '`telnet`', '`ssh -p`', '`openssl s_client`', '`curl -v`', 'reachdoctor'];
  if (values.write && failed === 0)
    await putIntoDocs(
      fileURLToPath(new URL('../../docs/comparison.md', import.meta.url)),
      'comparison',
      markdownTable(
        head,
        rows.map(({ cells }) => cells),
      ),
    );
  console.log(`${rows.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  await lab.close();
}
