import { constants } from 'node:fs';
import { access, open, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Evidence } from '../model/evidence.ts';
import { shown, type UsageError } from './usage-error.ts';

const usage = (sentence: string): UsageError => ({ error: sentence });

/** Whether `file` can be written, asked before the run so that no result has nowhere to go. Null = it can. */
export async function whyNotWritable(file: string): Promise<UsageError | null> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error)) {
    if (found.isDirectory())
      return usage(`${shown(file)} is a directory: name a file in it, as in report.md.`);
    return (await may(file))
      ? null
      : usage(`${shown(file)} may not be written: choose another file, or change its permissions.`);
  }
  if (found.code === 'ENAMETOOLONG')
    return usage('The file name is too long: choose a shorter one, as in report.md.');
  const directory = dirname(file);
  const parent = await stat(directory).catch(() => null);
  if (parent === null) {
    return usage(
      `The directory ${shown(directory)} does not exist: make it first (mkdir -p), or name a file in another one.`,
    );
  }
  if (!parent.isDirectory())
    return usage(`${shown(directory)} is not a directory: name a file in one, as in report.md.`);
  return (await may(directory))
    ? null
    : usage(
        `The directory ${shown(directory)} may not be written: name a file in another one, as in /tmp/report.md.`,
      );
}

async function may(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Null when it is written, otherwise the sentence that says why it is not. */
export async function writeText(file: string, text: string): Promise<string | null> {
  try {
    await writeFile(file, text);
    return null;
  } catch (error) {
    return `${shown(file)} could not be written (${codeOf(error)}).`;
  }
}

/** At most `limit` octets of text; a sentence with `example` otherwise. */
export async function readInput(
  file: string,
  limit: number,
  flag: string,
): Promise<{ text: string } | UsageError> {
  try {
    const handle = await open(file);
    try {
      const info = await handle.stat();
      if (info.isDirectory()) return usage(`${flag} ${shown(file)} is a directory: name a file.`);
      const buffer = Buffer.alloc(limit + 1);
      let length = 0;
      while (length <= limit) {
        const { bytesRead } = await handle.read(buffer, length, limit + 1 - length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > limit)
        return usage(`${flag} ${shown(file)} is larger than ${limit / 1024 / 1024} MiB: name another file.`);
      return { text: buffer.toString('utf8', 0, length) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${codeOf(error)})`;
    return usage(`${flag} ${shown(file)} ${why}: name a file that can be read.`);
  }
}

/** PEM text with at least one certificate that can be parsed. */
export async function readAuthorities(file: string): Promise<{ text: string } | UsageError> {
  const read = await readInput(file, 1024 * 1024, '--ca');
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
    `--ca ${shown(file)} holds no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----.`,
  );
}

/** What --save-evidence wrote. Only the frame is checked: a run of a newer version may hold more. */
export async function readEvidence(
  file: string,
  flag = '--replay',
): Promise<{ evidence: Evidence } | UsageError> {
  const read = await readInput(file, 32 * 1024 * 1024, flag);
  if ('error' in read) return read;
  const wrong = usage(`${flag} ${shown(file)} is no saved evidence: name a file that --save-evidence wrote.`);
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

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error';
}
