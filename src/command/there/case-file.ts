import { isIP } from 'node:net';
import type { Case } from '../../model/case.ts';
import type { Evidence } from '../../model/evidence.ts';
import { readEvidence } from '../files.ts';
import { isUsageError, shown, type UsageError } from '../usage-error.ts';

const MAX_ATTEMPTS = 2000;

/** A saved run with a case whose values may be used: what stands in a file comes from anybody. */
export async function readCase(
  file: string,
  flag: string,
): Promise<{ evidence: Evidence; case: Case } | UsageError> {
  const read = await readEvidence(file, flag);
  if (isUsageError(read)) return read;
  const { evidence } = read;
  if (!isCase(evidence.case)) {
    return {
      error: `${flag} ${shown(file)} holds no case: write one with reachdoctor --diagnose TARGET --save-evidence ${shown(file).slice(1, -1)}.`,
    };
  }
  return { evidence, case: evidence.case };
}

function isCase(value: Case | undefined): value is Case {
  if (typeof value !== 'object' || value === null) return false;
  const { id, target, reference, client, window, attempts } = value;
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{32}$/.test(id) &&
    isEndpoint(target) &&
    (reference === null || isEndpoint(reference)) &&
    typeof client === 'object' &&
    client !== null &&
    (client.address === null || isAddress(client.address)) &&
    typeof window?.from === 'string' &&
    Array.isArray(attempts) &&
    attempts.length <= MAX_ATTEMPTS &&
    attempts.every((one) => typeof one?.sentAt === 'string' && Number.isFinite(Date.parse(one.sentAt)))
  );
}

const isAddress = (text: unknown): boolean => typeof text === 'string' && isIP(text) !== 0;
const isEndpoint = (value: unknown): boolean => {
  const { address, port } = (value ?? {}) as { address?: unknown; port?: unknown };
  return isAddress(address) && Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535;
};
