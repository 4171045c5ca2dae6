import { parse as parseCsv } from 'csv-parse/sync';
import parsePrometheus from 'parse-prometheus-text-format';
import { Parser } from 'tap-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManyReport } from '../../src/model/many.ts';
import { type Lab, outputInScenario, prepareLab } from '../lab/laboratory.ts';
import { forward, type Scenario } from '../lab/scenario.ts';
import { company3 } from '../lab/worlds.ts';

const CLI = '/run/lab/node /run/lab/app/dist/cli.js';
/** Hosts of the server's network that are silent behind router 2. */
const SILENT = Array.from({ length: 14 }, (_, i) => `10.77.3.${90 + i}`);

const LIST = `# mixed
10.77.3.80:22
10.77.3.80:81        expect=refused cause=port-closed
10.77.3.80:8080      expect=filtered      # on purpose
10.77.3.80:22        expect=filtered
db.lab.example:22    within=5s
nosuch.lab.example:80
${SILENT.map((host) => `${host}:8080`).join('\n')}
`;

const scenario: Scenario = {
  name: 'a list of targets',
  family: 'many',
  topology: company3,
  listen: [22],
  resolvers: (at) => [{ mode: 'normal', records: { 'db.lab.example': { a: [at.server] } } }],
  files: () => ({ 'list.txt': LIST, 'wrong.txt': '10.77.3.80:22\nnothing\n10.77.3.80:22 expect=open\n' }),
  fault: () => ({
    r2: [forward('tcp dport 8080 drop')],
    server: SILENT.map((host) => `ip addr add ${host}/32 dev lo`),
  }),
  target: (at) => `${at.server}:22`,
  truth: () => ({ outcome: 'reachable', causes: [] }),
};

const lab = await prepareLab();
const missing = 'impossible' in lab ? lab.impossible : null;

describe.skipIf(missing !== null)(
  `a list of targets${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    /** Standard output of a shell line in the client's network, as the ordinary user. */
    const shell = async (line: string): Promise<string> =>
      (await outputInScenario(lab as Lab, scenario, () => ['sh', '-c', line], { limitSeconds: 80 })).text;
    afterAll(() => (lab as Lab).close());

    describe('mixed', () => {
      let parts: string[] = [];
      beforeAll(async () => {
        const files = ['out.xml', 'out.csv', 'out.tap', 'out.prom', 'out.md'];
        const line = [
          `${CLI} --targets list.txt --json --quiet ${files.map((file) => `--report ${file}`).join(' ')}`,
          'echo "=====$?"',
          'stat -c %a out.prom',
          ...files.map((file) => `echo =====; cat ${file}`),
          'echo =====; ls -a',
        ].join('; ');
        parts = (await shell(line)).split('=====');
      }, 120_000);
      const report = () => JSON.parse(parts[0] ?? '') as ManyReport;
      const named = (n: number) => report().targets[n - 1];

      it('holds each against its expectation, and the exit code says that something is not as expected', () => {
        expect(parts[1]).toBe('1\n644\n');
        expect(
          report()
            .targets.slice(0, 6)
            .map(({ verdict }) => verdict),
        ).toEqual([...['held', 'held', 'held', 'failed', 'held', 'failed']]);
        expect(named(6)?.cause?.id).toBe('dns-name-not-found');
        expect(named(4)).toMatchObject({ state: 'reachable', missed: 'state' });
        expect(named(3)).toMatchObject({ state: 'filtered', missed: null });
      });

      it('the shared boundary is found once, and comes first', () => {
        const { shared, counts } = report();
        expect(counts.failed).toBe(SILENT.length + 2);
        expect(shared).toHaveLength(1);
        expect(shared[0]?.targets).toHaveLength(SILENT.length);
        expect(shared[0]?.cause.where).toMatchObject({ kind: 'between', hop: 2, address: '10.20.201.2' });
        const depths = report()
          .targets.slice(6)
          .map(({ depth }) => depth);
        expect(depths.filter((depth) => depth === 'connections').length).toBeGreaterThanOrEqual(8);
      });

      it('the files are read by the programs that they are for', () => {
        const [xml = '', csv = '', tap = '', prom = '', markdown = '', files = ''] = parts
          .slice(2)
          .map((part) => part.trimStart());
        expect(xml).toMatch(/^<\?xml/);
        expect((parseCsv(csv, { columns: true }) as unknown[]).length).toBe(report().targets.length);
        const asserts = Parser.parse(tap).filter(([kind]) => kind === 'assert');
        expect(asserts).toHaveLength(report().targets.length);
        const families = parsePrometheus(prom) as { name: string; metrics: { value: string }[] }[];
        const reachable = families.find(({ name }) => name === 'reachdoctor_reachable');
        expect(reachable?.metrics.filter(({ value }) => value === '1')).toHaveLength(2);
        expect(markdown).toContain(
          `${SILENT.length} of ${SILENT.length + 2} failures stop after 10.20.201.2`,
        );
        expect(files).not.toContain('.tmp');
      });
    });

    it('ended half-way, what is finished is said and the rest is named', async () => {
      const said = await shell(
        `timeout --preserve-status -s INT 3 ${CLI} --targets list.txt --jobs 4 --plain 2>/dev/null; echo "exit $?"`,
      );
      expect(said).toMatch(/were not tested:\s+the run was ended by SIGINT/);
      expect(said).toMatch(/10\.77\.3\.80:22 +reachable\n/);
      expect(said).toMatch(/10\.77\.3\.103:8080 +not tested/);
      expect(said).toMatch(/exit 130\n$/);
    });

    it('a list with wrong lines sends nothing and says each', async () => {
      const said = await shell(`${CLI} --targets wrong.txt 2>&1; echo "exit $?"`);
      expect(said).toMatch(
        /wrong\.txt:2: .*has no port.*\nwrong\.txt:3: expect "open" is not known.*\nexit 2\n$/s,
      );
    });
  },
);
