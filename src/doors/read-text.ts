import { constants, type FileHandle, open, stat } from 'node:fs/promises';

/** Why a file has no text: `kind` for programs; `code` is the errno name where the system gave one. */
export interface NotRead {
  kind: 'missing' | 'directory' | 'not-regular' | 'too-large' | 'unreadable';
  code: string;
}

const CHUNK = 64 * 1024;
const LIMIT = 1024 * 1024;
/** A hosts file with a million names has 30 MiB. */
const STREAM_LIMIT = 256 * 1024 * 1024;
const LINE_LIMIT = 1024 * 1024;

/**
 * The whole text of a regular file of at most `limit` octets, or why not. What is no regular file is not even opened
 * (opening a device may do something, and a FIFO waits for its writer), and looked at again once it is open.
 * Files of /proc tell a size of 0, so everything is read until its end.
 */
export async function readWhole(path: string, limit: number): Promise<{ text: string } | NotRead> {
  return withRegular(path, async (file): Promise<{ text: string } | NotRead> => {
    const parts: Buffer[] = [];
    let total = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) return { text: Buffer.concat(parts).toString('utf8') };
      total += bytesRead;
      if (total > limit) return { kind: 'too-large', code: 'EFBIG' };
      parts.push(buffer.subarray(0, bytesRead));
    }
  });
}

/** Text of a regular file of at most 1 MiB; null when it cannot be read, or not to its end: a part of it proves nothing. */
export async function readText(path: string): Promise<string | null> {
  const read = await readWhole(path, LIMIT);
  return 'text' in read ? read.text : null;
}

/** The first `limit` octets of a regular file, or why none. */
export function readStart(path: string, limit: number): Promise<Buffer | NotRead> {
  return withRegular(path, async (file) => {
    const buffer = Buffer.alloc(limit);
    let length = 0;
    while (length < limit) {
      const { bytesRead } = await file.read(buffer, length, limit - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  });
}

/** Errors that every reader of the path gets, and that last. */
const LASTING = new Set(['EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

/** Whether nobody finds a text at this path (glibc goes on without resolv.conf then); false where only we could not read it. */
export async function isNoFile(path: string): Promise<boolean> {
  const read = await readWhole(path, LIMIT);
  if ('text' in read) return false;
  return read.kind === 'missing' || read.kind === 'directory' || LASTING.has(read.code);
}

/**
 * A regular file of any usual size, in pieces of whole lines. `whole` = to its end; `partly` = stopped by the signal, at
 * 256 MiB, or before a line of more than 1 MiB; null = cannot be read.
 */
export async function readPieces(
  path: string,
  onPiece: (lines: string) => void,
  signal?: AbortSignal,
): Promise<'whole' | 'partly' | null> {
  const ended = await withRegular(path, async (file) => {
    let rest: Buffer = Buffer.alloc(0);
    for (let total = 0; total < STREAM_LIMIT; ) {
      if (signal?.aborted) return 'partly';
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) {
        if (rest.length > 0) onPiece(rest.toString('utf8'));
        return 'whole';
      }
      total += bytesRead;
      const seen = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = seen.lastIndexOf(10) + 1;
      if (end > 0) onPiece(seen.toString('utf8', 0, end));
      rest = seen.subarray(end);
      if (rest.length > LINE_LIMIT) return 'partly';
    }
    return 'partly';
  });
  return typeof ended === 'string' ? ended : null;
}

async function withRegular<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T | NotRead> {
  try {
    const wrong = kindProblem(await stat(path));
    if (wrong !== null) return wrong;
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return kindProblem(await file.stat()) ?? (await use(file));
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException | null)?.code ?? 'UNKNOWN');
    const missing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ERR_INVALID_ARG_VALUE';
    return { kind: missing ? 'missing' : 'unreadable', code };
  }
}

function kindProblem(info: { isFile(): boolean; isDirectory(): boolean }): NotRead | null {
  if (info.isFile()) return null;
  return info.isDirectory() ? { kind: 'directory', code: 'EISDIR' } : { kind: 'not-regular', code: 'EINVAL' };
}
