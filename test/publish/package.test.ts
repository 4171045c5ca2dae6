import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, describe, expect, it } from 'vitest';
import { billOf } from './bill.ts';
import { licences } from './licences.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as {
  packages: Record<string, { integrity?: string; dev?: boolean }>;
};

describe('what is published', () => {
  const dir = mkdtempSync(join(tmpdir(), 'reachdoctor-pack-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
    cwd: ROOT,
    encoding: 'utf8',
  });

  it('is the program, its rules and its papers, and nothing else', () => {
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    const expected =
      /^(dist\/.+|rules\/.+\.(ya?ml|md|json)|docs\/.+\.md|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|package\.json)$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
    for (const path of [
      'dist/cli.js',
      'dist/rules.json',
      'dist/report.schema.json',
      'dist/doors/native/child.js',
      'LICENSE',
      'SECURITY.md',
    ])
      expect(paths).toContain(path);
    expect(paths.filter((path) => /\.map$|\.ts$|node_modules/.test(path))).toEqual([]);
  });

  it('passes publint', async () => {
    const tarball = readFileSync(join(dir, readdirSync(dir)[0] ?? ''));
    const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  it('needs no install script of its own', () => {
    expect(Object.keys(manifest.scripts)).not.toContain('install');
    expect(Object.keys(manifest.scripts)).not.toContain('preinstall');
    expect(Object.keys(manifest.scripts)).not.toContain('postinstall');
  });
});

describe('what is installed', () => {
  it('has a checksum for every package', () => {
    const without = Object.entries(lock.packages)
      // npm leaves it out for what only other platforms would install, of what only development needs.
      .filter(([path, { dev }]) => path !== '' && (dev !== true || existsSync(`${ROOT}${path}`)))
      .filter(([, { integrity = '' }]) => !/^sha512-/.test(integrity))
      .map(([path]) => path);
    expect(without).toEqual([]);
  });

  it('has a licence that may be combined with ours, every package of it', () => {
    const found = licences(ROOT);
    expect(found.length).toBeGreaterThan(10);
    const free =
      /^\(?(MIT|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0)( (OR|AND) .*)?\)?$/;
    expect(found.filter(({ licence }) => !free.test(licence))).toEqual([]);
  });

  it('can be listed as a bill of materials', () => {
    const bill = billOf(ROOT);
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map(({ name }) => name);
    for (const name of Object.keys(manifest.dependencies)) expect(names).toContain(name);
    expect(names).not.toContain('vitest');
  });
});
