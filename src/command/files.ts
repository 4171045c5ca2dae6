import { type NotRead, readWhole } from '../doors/read-text.ts';
import type { Evidence } from '../model/evidence.ts';
import { shownFile, type UsageError, usageError as usage } from './usage-error.ts';

const MIB = 1024 * 1024;

/** Text of a regular file of at most `mebibytes`; a sentence otherwise. */
async function readInput(
  file: string,
  mebibytes: number,
  flag: string,
): Promise<{ text: string } | UsageError> {
  const read = await readWhole(file, mebibytes * MIB);
  return 'text' in read ? read : usage(`${flag} ${shownFile(file)} ${whyNot(read, mebibytes)}`);
}

function whyNot({ kind, code }: NotRead, mebibytes: number): string {
  switch (kind) {
    case 'missing':
      return 'does not exist: name a file that can be read.';
    case 'directory':
      return 'is a directory: name a file.';
    case 'not-regular':
      return 'is a device, a pipe or a socket: name a file.';
    case 'too-large':
      return `is larger than ${mebibytes} MiB: name another file.`;
    case 'unreadable':
      return `cannot be read (${code}): name a file that can be read.`;
  }
}

/** PEM text with at least one certificate that can be parsed. */
export async function readAuthorities(file: string): Promise<{ text: string } | UsageError> {
  const read = await readInput(file, 1, '--ca');
  if ('error' in read) return read;
  const { X509Certificate } = await import('node:crypto');
  const blocks = read.text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) {
      for (const block of blocks) new X509Certificate(block);
      return read;
    }
  } catch {
    // Said below: a block that is no certificate is as bad as none.
  }
  return usage(
    `--ca ${shownFile(file)} holds no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----.`,
  );
}

/** What --save-evidence wrote. Only the frame is checked: a run of a newer version may hold more. */
export async function readEvidence(file: string): Promise<{ evidence: Evidence } | UsageError> {
  const read = await readInput(file, 32, '--replay');
  if ('error' in read) return read;
  const wrong = usage(
    `--replay ${shownFile(file)} is no saved evidence: name a file that --save-evidence wrote.`,
  );
  try {
    const evidence = JSON.parse(read.text) as Partial<Evidence>;
    const target = evidence?.request?.target;
    const whole =
      typeof target?.host === 'string' &&
      typeof target.port === 'number' &&
      typeof evidence.startedAt === 'string' &&
      Array.isArray(evidence.vantage?.resolvers) &&
      Array.isArray(evidence.observations) &&
      evidence.observations.every((one) => typeof one?.id === 'string' && typeof one.probe === 'string');
    return whole ? { evidence: evidence as Evidence } : wrong;
  } catch {
    return wrong;
  }
}
