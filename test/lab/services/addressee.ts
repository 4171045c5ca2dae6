/**
 * Whoever is written to: `node addressee.js CASE.json`, as root in the client's namespace. The client diagnoses and writes
 * its report in Markdown; what the report prints for the far side is read out of it, run there as printed while the client
 * runs its test again, and all that was printed and said goes to standard output as one JSON document.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface Case {
  target: string;
  flags: string[];
  /** Before the tool, so that it runs as an ordinary user. */
  leave: string[];
  /** Hosts by the address that the report knows them by, in the order of the way. */
  hosts: [address: string, host: string][];
  /** Names of systems whose commands no Linux has. */
  foreign: string[];
}
/** A command as it is printed, with the words before it and what is printed after it. */
interface Printed {
  who: string;
  words: string;
  run: string;
  rows: [see: string, means: string][];
  /** How it is to be read, where that is no table. */
  read: string | null;
}
interface Ran extends Printed {
  host: string;
  before: string;
  during: string;
  after: string;
}

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Case;
const TOOL = ['/run/lab/node', '/run/lab/app/dist/cli.js'];
/** A command that ends by itself does so in this time. */
const LONGEST_MS = 12_000;
/** Into the test, where its connections are under way. */
const MEANWHILE_MS = 1_200;

// An administrator has sudo, and the sender the tool.
mkdirSync('bin');
for (const [name, words] of [
  ['sudo', ''],
  ['reachdoctor', [...config.leave, ...TOOL].join(' ')],
] as const) {
  writeFileSync(`bin/${name}`, `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(`bin/${name}`, 0o755);
}
const PATH = `${process.cwd()}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

interface Running {
  child: ChildProcess;
  said: () => string;
  ended: Promise<string>;
}

/** In a process group of its own, so that Ctrl-C reaches everything of it. */
function start(host: string, command: string): Running {
  const child = spawn('nsenter', [`--net=/run/netns/${host}`, 'sh', '-c', command], {
    env: { PATH, HOME: '/nonexistent', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  const ended = new Promise<string>((resolve) => {
    child.on('close', () => resolve(text));
    child.on('error', (error) => resolve(`${text}${error.message}`));
  });
  return { child, said: () => text, ended };
}

function signal({ child }: Running, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // It has ended already.
  }
}

async function output(host: string, command: string): Promise<string> {
  const running = start(host, command);
  const timer = setTimeout(signal, LONGEST_MS, running, 'SIGKILL');
  const text = await running.ended;
  clearTimeout(timer);
  return text;
}

// ---------------------------------------------------------------- what the report prints

const unescaped = (text: string): string => text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
const TABLE_HEAD = '| What you see | What it means |';

/** The commands of the two sections that are for others, each with what stands before and after it. */
function printedIn(markdown: string): Printed[] {
  const lines = markdown.split('\n');
  const found: Printed[] = [];
  let [section, who, words] = ['', '', ''];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (line.startsWith('## ')) [section, who] = [line.slice(3), ''];
    else if (line.startsWith('### ')) who = unescaped(line.slice(4));
    else if (line === '```sh') {
      const end = lines.indexOf('```', i);
      const run = lines.slice(i + 1, end).join('\n');
      const after = lines.slice(end + 1).filter((one) => one !== '');
      i = end;
      if (!/^(What to run|Commands by platform)/.test(section) || who === 'You') continue;
      const rows =
        after[0] === TABLE_HEAD
          ? after
              .slice(
                2,
                after.findIndex((one, n) => n > 0 && !one.startsWith('|')),
              )
              .map((row) => {
                const [, see = '', means = ''] = row.split(/(?<!\\)\|/).map((cell) => unescaped(cell.trim()));
                return [see, means] as [string, string];
              })
          : [];
      const read = /^(?:What to expect|How to read it): (.*)/.exec(unescaped(after[0] ?? ''))?.[1] ?? null;
      // A command after which nothing is to be seen changes something.
      if (rows.length > 0 || read !== null) found.push({ who, words, run, rows, read });
    } else if (line !== '' && !line.startsWith('|')) words = unescaped(line);
  }
  const foreign = ({ who: owner, words: said }: Printed): boolean =>
    config.foreign.some((name) => owner === name || said.startsWith(`${name}: `));
  return found.filter((one) => !foreign(one));
}

// ---------------------------------------------------------------- where it is run

interface Lead {
  id: string;
  title: string;
  owner: string;
  where: { kind: string; hop?: number | null; next?: { hop: number | null } } | null;
}

/** The server for what is asked of its administrators; else the devices that the check or the report names, or the last router. */
function hostsFor({ who, words }: Printed, lead: Lead): string[] {
  const ofNetwork =
    who === 'Network administrator' ||
    (!/administrator|Owner/.test(who) && !/^On the server/.test(words) && lead.owner === 'network-admin');
  if (!ofNetwork) return ['server'];
  const named = config.hosts.flatMap(([address, host]) =>
    words.split(/[ ,]+/).includes(address) ? [host] : [],
  );
  if (named.length > 0) return named;
  const { where } = lead;
  const hops = [where?.hop, where?.kind === 'between' ? where.next?.hop : null].filter(
    (hop) => typeof hop === 'number' && hop > 0,
  ) as number[];
  const name = (hop: number): string => config.hosts[hop - 1]?.[1] ?? 'server';
  return hops.length > 0 ? hops.map(name) : [name(config.hosts.length - 1)];
}

/** The address that the SYNs come from, as the capture on the server shows it. */
function sourceIn(captures: string[]): string | null {
  for (const text of captures) {
    const source = /^\S+ (?!lo )\S+ +In +IP6? (\S+)\.\d+ > \S+: Flags \[S\]/m.exec(text)?.[1];
    if (source !== undefined) return source;
  }
  return null;
}

/** `SOURCE` is the reader's to fill in; where nothing arrived there is nothing to fill in. */
const filledIn = (run: string, source: string | null): string =>
  source === null
    ? run
        .split('\n')
        .filter((line) => !/\bSOURCE\b/.test(line))
        .join('\n')
    : run.replaceAll('SOURCE', source);

async function main(): Promise<void> {
  const diagnosis = start(
    'client',
    `reachdoctor --json --diagnose '${config.target}' --report case.md ${config.flags.join(' ')} 2> case.log`,
  );
  const report = JSON.parse(await diagnosis.ended) as {
    outcome: string;
    causes: Lead[];
  };
  const markdown = readFileSync('case.md', 'utf8');
  const [lead] = report.causes;
  if (lead === undefined) throw new Error('no cause');
  const again = unescaped(/`(reachdoctor --diagnose [^`]+)`/.exec(markdown)?.[1] ?? '');

  const tasks = printedIn(markdown).flatMap((task) =>
    hostsFor(task, lead).map((host) => ({ ...task, host })),
  );
  const watching = tasks.map(({ run, host }) => (/^(sudo )?tcpdump /.test(run) ? start(host, run) : null));
  const once = (source: string | null): Promise<string[]> =>
    Promise.all(
      tasks.map(({ run, host }, i) =>
        watching[i] !== null ? '' : output(host, filledIn(run, source)).catch(String),
      ),
    );
  const before = await once(null);
  const deadline = Date.now() + LONGEST_MS;
  while (watching.some((one) => one !== null && !one.said().includes('istening on')) && Date.now() < deadline)
    await sleep(50);
  const test = output('client', again === '' ? 'true' : `${again} ${config.flags.join(' ')}`);
  await sleep(MEANWHILE_MS);
  const during = await once(null);
  await test;
  await sleep(500);
  for (const one of watching) if (one !== null) signal(one, 'SIGINT');
  const seen = await Promise.all(watching.map((one) => one?.ended ?? ''));
  const onServer = seen.filter((_, i) => tasks[i]?.host === 'server');
  const after = await once(sourceIn(onServer));
  const ran: Ran[] = tasks.map((task, i) => ({
    ...task,
    before: before[i] ?? '',
    during: during[i] ?? '',
    after: watching[i] === null ? (after[i] ?? '') : (seen[i] ?? ''),
  }));
  process.stdout.write(JSON.stringify({ outcome: report.outcome, lead, again, ran, markdown }));
}

await main();
