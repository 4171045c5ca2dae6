import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { closedPort } from '../../command/silent-port.ts';
import {
  documentOf,
  type Family,
  many,
  type Ran,
  type Result,
  ROOT,
  type RunOptions,
  runCli,
  skipped,
  together,
  wrongWithReport,
  wrongWithSentence,
} from '../family.ts';
import { httpsFor } from '../https-servers.ts';

const VERSIONS = ['20.17.0', '20', '22', '24'];
const SAVED = ['healthy', 'nothing-listens', 'routing-loop', 'name-not-found', 'hosts-file-overrides-dns'];

export const nodeVersions: Family = {
  name: 'Node versions',
  what: `Node ${VERSIONS.join(', ')} (newest of each, by the npm package node): version, help, rules, a run to a closed port, a certificate that is for an IPv6 address and one that is not, saved runs judged again as by this Node, a bad command line`,
  run: async () => {
    const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-node-'));
    const servers: Server[] = [];
    try {
      servers.push(await httpsFor('::1', dir), await httpsFor('::2', dir));
      return together(...(await Promise.all(VERSIONS.map((version) => ofVersion(version, dir, servers)))));
    } finally {
      for (const server of servers) server.close();
      rmSync(dir, { recursive: true });
    }
  },
};

/** The program out of the package that the npm package `node` installs for this platform, whose install script need not run. */
async function nodeOf(version: string, folder: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--json', '--pack-destination', folder, `node-linux-${process.arch}@${version}`],
      { cwd: folder, timeout: 120_000 },
    );
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await promisify(execFile)('tar', ['xzf', filename, 'package/bin/node'], {
      cwd: folder,
      timeout: 120_000,
    });
    return join(folder, 'package/bin/node');
  } catch {
    // No registry, or no such version for this platform: nothing is known about it.
    return null;
  }
}

type Server = Awaited<ReturnType<typeof httpsFor>>;

async function ofVersion(version: string, dir: string, [right, wrong]: Server[]): Promise<Result> {
  const folder = join(dir, version);
  mkdirSync(folder);
  const own = await nodeOf(version, folder);
  if (own === null) return skipped(`Node ${version} could not be had from the registry`);
  const options: RunOptions = { node: own };
  const target = `127.0.0.1:${await closedPort()}`;
  const first = await runCli(['--version'], options);
  const is = async (argv: string[], wrongWith: (ran: Ran) => string | null) => {
    const why = wrongWith(await runCli(argv, options));
    return why === null ? null : `Node ${version}, ${argv.join(' ')}: ${why}`;
  };
  const cases = [
    () =>
      Promise.resolve(
        /^\d+\.\d+\.\d+\n$/.test(first.stdout) ? null : `Node ${version}: ${first.stderr.slice(0, 200)}`,
      ),
    () => is(['--help'], ({ code, stdout }) => (code === 0 && stdout.includes('--port') ? null : 'no help')),
    () =>
      is(['--list-causes', '--rules', join(ROOT, 'rules')], ({ code, stderr }) =>
        code === 0 ? null : stderr.slice(0, 200),
      ),
    () => is(['--json', target], (ran) => wrongWithReport(ran, [1])),
    () =>
      is(['--diagnose', 'https://[::1]/'], ({ code, stderr }) =>
        code === 1 && !/\n\s+at /.test(stderr) ? null : `ended with ${code}: ${stderr}`,
      ),
    // What node itself thinks of certificates for addresses differs between releases.
    () => is(['--json', right!.url, '--ca', right!.ca], (ran) => wrongWithReport(ran, [0])),
    () =>
      is(['--json', wrong!.url, '--ca', wrong!.ca], (ran) =>
        documentOf(ran)?.causes[0]?.id === 'tls-name-mismatch'
          ? wrongWithReport(ran, [1])
          : `no wrong name but ${documentOf(ran)?.outcome}`,
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
