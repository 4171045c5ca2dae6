import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FACT_TABLE } from '../../src/judge/facts/index.ts';
import { builtInRules } from '../../src/judge/rules/load.ts';
import { commandLine } from '../../src/judge/rules/template.ts';
import { runsOn } from '../../src/model/systems.ts';
import { commandsFor } from '../../src/report/request/platform-commands.ts';
import { typicalFacts } from '../rules/words.ts';

/** The Linux commands that people are given, run in a network namespace of their own, for IPv4 and for IPv6. */

const works = (file: string, ...args: string[]): boolean => {
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
};
const canMakeNamespaces = works('unshare', '-n', 'true');
const has = (tool: string): boolean => works('sh', '-c', `command -v ${tool}`);
const TOOLS = ['nft', 'iptables', 'ip6tables', 'ss', 'nstat', 'ip', 'sysctl', 'tcpdump', 'conntrack'].filter(
  has,
);

const HOOK = 'priority 0; policy accept;';
const SETUP = `ip link set lo up && nft 'add table inet filter; add chain inet filter input { type filter hook input ${HOOK} }; add chain inet filter forward { type filter hook forward ${HOOK} }'`;

async function inNamespace(script: string): Promise<{ code: number; output: string }> {
  const whole = `${SETUP} || exit 99; ${script}`;
  return promisify(execFile)('unshare', ['-n', 'bash', '-c', whole], { timeout: 20_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

const rules = await builtInRules(FACT_TABLE);
const FAMILIES = [
  { family: 4, address: '127.0.0.1', source: '127.0.0.1', 'nft.family': 'ip', iptables: 'iptables' },
  { family: 6, address: '::1', source: '::1', 'nft.family': 'ip6', iptables: 'ip6tables' },
] as const;

/** Every line of a Linux command of a rule or of the appendix, as a reader would fill it in. */
function linesOf(values: (typeof FAMILIES)[number]): string[] {
  const facts = {
    ...typicalFacts(),
    'target.address': values.address,
    'target.family': values.family,
    'source.address': values.source,
    'nft.family': values['nft.family'],
    iptables: values.iptables,
  };
  const ofRules = rules.flatMap((rule) =>
    [...rule.fix, ...rule.verify]
      .filter(({ system }) => system === undefined || runsOn(system, 'linux'))
      .flatMap(({ run }) => (run === undefined ? [] : commandLine(run, facts).split('\n'))),
  );
  const ofAppendix = commandsFor({
    port: 5432,
    address: values.address,
    source: values.source,
    ip6: values.family === 6,
  })
    .filter(({ system }) => runsOn(system, 'linux'))
    .flatMap(({ run }) => run);
  const filled = [...ofRules, ...ofAppendix].map((line) =>
    line
      .replace(/^sudo /, '')
      .replaceAll('FAMILY TABLE CHAIN', line.includes('maxseg') ? 'inet filter forward' : 'inet filter input')
      .replace(/^tcpdump -(nnv?i) any/, 'tcpdump -$1 any -d')
      // The namespace has no other device.
      .replace(/\bconf\.eth0\./g, 'conf.lo.')
      .replace(/^(ip6?tables) /, '$1 -w '),
  );
  return [...new Set(filled)].filter(
    (line) => TOOLS.includes(line.split(' ')[0] ?? '') && !/dev |GATEWAY|53/.test(line),
  );
}

describe.runIf(canMakeNamespaces && TOOLS.includes('nft'))('commands for Linux', () => {
  describe.each(FAMILIES)('IPv$family', (values) => {
    test.each(linesOf(values))('%s', async (line) => {
      const { code, output } = await inNamespace(`${line} >/dev/null`);
      // What filters its output may find nothing.
      expect([0, ...(/\| grep/.test(line) ? [1] : [])], output).toContain(code);
      expect(output).not.toMatch(/syntax error|unknown option|rejects all packets|invalid/i);
    });

    /** Says OPEN or what connect() brought, from a listener to itself. */
    const connect = `node -e "const n=require('net');const s=n.createServer(c=>c.destroy()).listen(5432,'${values.address}',()=>{const c=n.connect(5432,'${values.address}',()=>{console.log('OPEN');process.exit()});c.on('error',e=>{console.log(e.code);process.exit()});setTimeout(()=>{console.log('SILENT');process.exit()},800)})"`;
    const fixFor = (system: string, chain: RegExp): string =>
      linesOf(values).find((line) => line.startsWith(system) && chain.test(line)) ?? 'missing';

    test('the nftables rule lets the port through where a rule drops it', async () => {
      const drop = 'nft add rule inet filter input tcp dport 5432 counter drop';
      expect((await inNamespace(`${drop} && ${connect}`)).output).toContain('SILENT');
      const fix = fixFor('nft', /insert rule inet filter input .*saddr.*accept/);
      expect((await inNamespace(`${drop} && ${fix} && ${connect}`)).output).toContain('OPEN');
    });

    test.runIf(TOOLS.includes(values.iptables))('the iptables rule does', async () => {
      const drop = `${values.iptables} -w -A INPUT -p tcp --dport 5432 -j DROP`;
      expect((await inNamespace(`${drop} && ${connect}`)).output).toContain('SILENT');
      const fix = fixFor(values.iptables, /-I INPUT/);
      expect((await inNamespace(`${drop} && ${fix} && ${connect}`)).output).toContain('OPEN');
    });
  });
});

test.skipIf(canMakeNamespaces)('network namespaces are not allowed here: commands were not run', () => {});
