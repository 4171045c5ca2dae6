import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Family, IS_ROOT, many, runCli, skipped, textOf } from '../family.ts';
import { type World, withWorlds } from '../world.ts';

const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'canary-aws',
  GITHUB_TOKEN: 'canary-token',
  HTTPS_PROXY: 'http://canary-user:canary-pass@proxy.example:3128',
  MTR_OPTIONS: '--canary',
  SSH_AUTH_SOCK: '/tmp/canary-agent',
  REACHDOCTOR_NO_NATIVE: '1',
};
const URLS = [
  'https://db.example.com/p?canary-query=1#canary-fragment',
  'https://canary-user:canary-pass@db.example.com/',
  'https://db.example.com:99999/?canary',
];
const MODES = [[], ['--json'], ['--verbose'], ['--redact', '--verbose'], ['--json', '--redact']];
/** Flags in which somebody may paste a URL, and which want something else. */
const FLAGS = [
  '--port',
  '--service',
  '--answer',
  '--max-time',
  '--ports',
  '--control',
  '--resolver',
  '--seen-as',
  '--sni',
];
const REPORTS = ['r.md', 'r.html', 'r.txt', 'r.json'];
const TOOLS = ['ping', 'traceroute', 'tracepath', 'mtr', 'tcptraceroute', 'ip', 'stdbuf'];

const ADDRESSES = /canary|203\.0\.113\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|2001:db8:77:/;

export const canaries: Family = {
  name: 'canaries',
  what: 'secrets in the environment, in URLs (also where a flag wants something else), in a proxy, and (with --redact) the names of this machine, its interface and its network: in no output, no file, and not in the environment of any tool',
  run: async () => {
    if (!IS_ROOT) return skipped('namespaces need root');
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-c-'));
    const hosts = join(dir, 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n198.51.100.7 db.example.com\n');
    // getent is found in one place alone.
    copyFileSync('/usr/bin/getent', join(dir, 'getent.real'));
    chmodSync(join(dir, 'getent.real'), 0o755);
    const getent = tell(dir, dir, 'getent', join(dir, 'getent.real'));
    const mounts = [
      `mount --bind ${hosts} /etc/hosts`,
      `mount --bind ${getent} /usr/bin/getent`,
      'ip link add canaryif0 type veth peer name c1',
      'ip link set c1 up',
      'ip addr add 203.0.113.77/26 dev canaryif0',
      'ip addr add 2001:db8:77::77/64 dev canaryif0 nodad',
      'ip link set canaryif0 up',
      'ip neigh add 203.0.113.78 lladdr 02:00:00:00:00:08 nud permanent dev canaryif0',
      'ip route add 198.51.100.7/32 via 203.0.113.78 dev canaryif0',
    ];
    const cases = [
      ...URLS.flatMap((url) => MODES.map((mode) => [url, ...mode])),
      ...FLAGS.map((flag) => ['db.example.com:443', flag, URLS[0] ?? '']),
    ];
    try {
      return await withWorlds(4, mounts, (worlds) =>
        many(cases, worlds.length, (words, worker) => one(words, worlds[worker]!, dir)),
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
};

/** A program that writes its environment into `seen-TOOL` of a folder, and then is the real one; its place. */
function tell(folder: string, seen: string, tool: string, real: string): string {
  const file = join(folder, tool);
  writeFileSync(
    file,
    `#!/bin/sh\nenv >> ${seen}/seen-${tool}\nexec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ${real} "$@"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

async function one(words: string[], world: World, dir: string): Promise<string | null> {
  const out = mkdtempSync(join(dir, 'out-'));
  const tools = mkdtempSync(join(dir, 'tools-'));
  for (const tool of TOOLS) tell(tools, tools, tool, tool);
  const files = REPORTS.flatMap((name) => ['--report', join(out, name)]);
  const ran = await runCli([...words, '--max-time', '4', ...files, '--save-evidence', join(out, 'e.json')], {
    within: world.enter,
    env: { ...SECRETS, PATH: `${tools}:/usr/bin:/bin` },
  });
  const told = [dir, tools].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith('seen-'))
      .map((name) => [name, textOf(join(folder, name))]),
  );
  const places = [
    ['standard output', ran.stdout],
    ['standard error', ran.stderr],
    ...readdirSync(out).map((name) => [name, textOf(join(out, name))]),
    ...told,
  ] as [string, string][];
  // Without --redact the interface may be named; with it nothing of this machine is.
  const wrong = words.includes('--redact') ? ADDRESSES : /canary(?!if0)/;
  const label = words.join(' ');
  const found = places.find(([, text]) => wrong.test(text));
  if (found !== undefined) return `${label}: ${found[0]} has ${wrong.exec(found[1])?.[0]}`;
  if (ran.code === 2) return null;
  if (readdirSync(out).length !== REPORTS.length + 1) return `${label}: ${readdirSync(out).length} files`;
  return told.length === 0 ? `${label}: no tool was seen` : null;
}
