import { execFileSync } from 'node:child_process';
import { licences } from './licences.ts';

interface Bill {
  bomFormat: string;
  components: { 'bom-ref': string; name: string; version: string }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/**
 * A bill of materials (CycloneDX) of what an installation brings along. `npm sbom --omit dev` leaves out what a development
 * package has as an optional peer (yaml, valibot), so all is asked for and the lock file says what stays.
 */
export function billOf(root: string): Bill {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const bill = JSON.parse(text) as Bill;
  const installed = new Set(licences(root).map(({ name, version }) => `${name}@${version}`));
  const kept = bill.components.filter(({ name, version }) => installed.has(`${name}@${version}`));
  const gone = new Set(bill.components.filter((one) => !kept.includes(one)).map((one) => one['bom-ref']));
  bill.components = kept;
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => !gone.has(ref))
    .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => !gone.has(ref)) }));
  return bill;
}
