import type { Readable } from 'node:stream';
import { type NotRead, readWhole } from '../doors/read-text.ts';
import { bareUrl } from '../ground/bare-url.ts';
import type { Evidence } from '../model/evidence.ts';
import { shown, type UsageError, usageError as usage } from './usage-error.ts';

const MIB = 1024 * 1024;

/** Text of a regular file of at most `mebibytes`; a sentence otherwise. */
export async function readInput(
  file: string,
  mebibytes: number,
  flag: string,
): Promise<{ text: string } | UsageError> {
  const read = await readWhole(file, mebibytes * MIB);
  return 'text' in read ? read : usage(`${flag} ${shown(file)} ${whyNot(read, mebibytes)}`);
}

/** At most `limit` octets of a stream; the rest is of no use, and whoever writes it may stop. */
export async function readStream(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const octets = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    chunks.push(octets.subarray(0, limit - length));
    length += octets.length;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks);
}

/** The end of the sentence; `or` is what may be named as well. */
export function whyNot({ kind, code }: NotRead, mebibytes: number, or = ''): string {
  switch (kind) {
    case 'missing':
      return `does not exist: name a file that can be read${or}.`;
    case 'directory':
      return `is a directory: name a file${or}.`;
    case 'not-regular':
      return `is a device, a pipe or a socket: name a file${or}.`;
    case 'too-large':
      return `is larger than ${mebibytes} MiB: name another file${or}.`;
    case 'unreadable':
      return `cannot be read (${code}): name a file that can be read${or}.`;
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
    `--ca ${shown(file)} holds no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----.`,
  );
}

/** Roles of connections and traces by the names that evidence of version 0.1 gave them. */
const OLD_ROLES = new Map<unknown, string>([
  ['control', 'reference'],
  ['control-port', 'reference-port'],
  ['control-host', 'reference-host'],
]);

/** What --save-evidence wrote, field by field; a run of a newer version may hold more. */
export async function readEvidence(
  file: string,
  flag = '--replay',
): Promise<{ evidence: Evidence } | UsageError> {
  const read = await readInput(file, 32, flag);
  if ('error' in read) return read;
  const wrong = (where: string) =>
    usage(`${flag} ${shown(file)} is no saved evidence${where}: name a file that --save-evidence wrote.`);
  let value: unknown;
  try {
    value = JSON.parse(read.text, (key, one) => (key === 'role' ? (OLD_ROLES.get(one) ?? one) : one));
  } catch {
    return wrong('');
  }
  const { wrongPlace } = await import('./evidence-schema.ts');
  const place = wrongPlace(value);
  if (place === null) return { evidence: withoutQueries(value as Evidence) };
  // Its keys may be anybody's words.
  return wrong(value !== null && typeof value === 'object' ? ` (see ${shown(place).slice(1, -1)})` : '');
}

/** Evidence of before version 0.2 holds the queries of URLs. */
function withoutQueries(evidence: Evidence): Evidence {
  const bare = <T extends string | null>(text: T): T => (text === null ? null : bareUrl(text)) as T;
  const target = { ...evidence.request.target };
  target.input = bare(target.input);
  target.path = bare(target.path);
  const observations = evidence.observations.map((one) => {
    if (one.probe === 'tls') return { ...one, input: { ...one.input, httpPath: bare(one.input.httpPath) } };
    return one.probe === 'http' ? { ...one, input: { ...one.input, path: bare(one.input.path) } } : one;
  });
  return { ...evidence, request: { ...evidence.request, target }, observations };
}
