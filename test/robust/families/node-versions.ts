import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedPort } from '../../command/silent-port.ts';
import {
  documentOf,
  type Family,
  many,
  type Result,
  ROOT,
  type RunOptions,
  runCli,
  skipped,
  together,
  wrongWithReport,
  wrongWithSentence,
} from '../family.ts';

const VERSIONS = ['20.17.0', '20', '22', '24'];
const SAVED = ['healthy', 'nothing-listens', 'routing-loop', 'name-not-found', 'hosts-file-overrides-dns'];

export const nodeVersions: Family = {
  name: 'Node versions',
  what: `Node ${VERSIONS.join(', ')} (newest of each, by the npm package node): version, help, rules, a run to a closed port, saved runs judged again as by this Node, a bad command line`,
  run: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-node-'));
    try {
      const results: Result[] = [];
      for (const version of VERSIONS) results.push(await ofVersion(version, dir));
      return together(...results);
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
};

async function ofVersion(version: string, dir: string): Promise<Result> {
  const folder = join(dir, version);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const node = join(folder, 'node_modules/node/bin/node');
  try {
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--no-save', `node@${version}`], {
      cwd: folder,
      timeout: 180_000,
    });
  } catch {
    return skipped(`Node ${version} could not be had from the registry`);
  }
  // The package's install script links the binary of its platform; where scripts may not run it is linked by nobody.
  const own = [
    node,
    join(folder, `node_modules/node-linux-${process.arch}/bin/node`),
    join(folder, `node_modules/node-bin-linux-${process.arch}/bin/node`),
  ].find(existsSync);
  if (own === undefined) return skipped(`Node ${version} came without its binary`);
  const options: RunOptions = { node: own };
  const target = `127.0.0.1:${await closedPort()}`;
  const first = await runCli(['--version'], options);
  const is = async (argv: string[], wrong: (ran: Awaited<ReturnType<typeof runCli>>) => string | null) => {
    const why = wrong(await runCli(argv, options));
    return why === null ? null : `Node ${version}, ${argv.join(' ')}: ${why}`;
  };
  const cases = [
    () =>
      Promise.resolve(
        /^\d+\.\d+\.\d+\n$/.test(first.stdout) ? null : `Node ${version}: ${first.stderr.slice(0, 200)}`,
      ),
    () =>
      is(['--help'], ({ code, stdout }) => (code === 0 && stdout.includes('--diagnose') ? null : 'no help')),
    () =>
      is(['--list-causes', '--rules', join(ROOT, 'rules')], ({ code, stderr }) =>
        code === 0 ? null : stderr.slice(0, 200),
      ),
    () => is(['--json', target], (ran) => wrongWithReport(ran, [1])),
    () =>
      is(['--diagnose', 'https://[::1]/'], ({ code, stderr }) =>
        code === 1 && !/\n\s+at /.test(stderr) ? null : `ended with ${code}: ${stderr}`,
      ),
    () => is(['--prot', '443'], (ran) => wrongWithSentence(ran, 2)),
    ...SAVED.map((name) => async () => {
      const argv = ['--json', '--replay', join(ROOT, 'test/scenarios', name, 'evidence.json')];
      const [here, there] = [documentOf(await runCli(argv)), documentOf(await runCli(argv, options))];
      return JSON.stringify(here) === JSON.stringify(there) && here !== null
        ? null
        : `Node ${version} judges ${name} otherwise`;
    }),
  ];
  return many(cases, 2, (one) => one());
}
