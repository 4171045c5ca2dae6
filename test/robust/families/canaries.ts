import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Family, IS_ROOT, many, runCli, skipped, textOf } from '../family.ts';
import { createWorld } from '../world.ts';

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
const TOOLS = ['ping', 'traceroute', 'tracepath', 'mtr', 'tcptraceroute', 'ip', 'stdbuf'];

export const canaries: Family = {
  name: 'canaries',
  what: 'secrets in the environment, in URLs, in a proxy, and (with --redact) the names of this machine, its interface and its network: in no output, no file, and not in the environment of any tool',
  run: async () => {
    if (!IS_ROOT) return skipped('namespaces need root');
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-c-'));
    const tools = join(dir, 'tools');
    mkdirSync(tools);
    for (const tool of TOOLS) {
      writeFileSync(
        join(tools, tool),
        `#!/bin/sh\nenv >> ${dir}/seen-${tool}\nexec /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin ${tool} "$@"\n`,
      );
      chmodSync(join(tools, tool), 0o755);
    }
    const hosts = join(dir, 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n198.51.100.7 db.example.com\n');
    const world = await createWorld([
      `mount --bind ${hosts} /etc/hosts`,
      'ip link add canaryif0 type veth peer name c1',
      'ip link set c1 up',
      'ip addr add 203.0.113.77/26 dev canaryif0',
      'ip link set canaryif0 up',
      'ip neigh add 203.0.113.78 lladdr 02:00:00:00:00:08 nud permanent dev canaryif0',
      'ip route add 198.51.100.7/32 via 203.0.113.78 dev canaryif0',
    ]);
    try {
      const cases = URLS.flatMap((url) => MODES.map((mode) => ({ url, mode })));
      return await many(cases, 1, async ({ url, mode }) => {
        const out = mkdtempSync(join(dir, 'out-'));
        const files = ['r.md', 'r.html', 'r.txt', 'r.json'].flatMap((name) => ['--report', join(out, name)]);
        const ran = await runCli(
          [url, ...mode, '--max-time', '4', ...files, '--save-evidence', join(out, 'e.json')],
          {
            within: world.enter,
            env: { ...SECRETS, PATH: `${tools}:/usr/bin:/bin` },
          },
        );
        const label = `${url} ${mode.join(' ')}`;
        const redacted = mode.includes('--redact');
        const places = [
          ['standard output', ran.stdout],
          ['standard error', ran.stderr],
          ...readdirSync(out).map((name) => [name, textOf(join(out, name))]),
          ...readdirSync(dir)
            .filter((name) => name.startsWith('seen-'))
            .map((name) => [name, textOf(join(dir, name))]),
        ] as [string, string][];
        // Without --redact the interface may be named; with it nothing of this machine is.
        const wrong = redacted ? /canary|203\.0\.113\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])/ : /canary(?!if0)/;
        const found = places.find(([, text]) => wrong.test(text));
        if (found !== undefined) return `${label}: ${found[0]} has ${wrong.exec(found[1])?.[0]}`;
        return ran.code !== 2 && readdirSync(out).length !== 5
          ? `${label}: ${readdirSync(out).length} files`
          : null;
      });
    } finally {
      world.close();
      rmSync(dir, { recursive: true });
    }
  },
};
