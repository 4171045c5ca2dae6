import { constants, open } from 'node:fs/promises';

const LIMIT = 1024 * 1024;

/**
 * Text of a file, its first MiB; null when it cannot be read.
 * Files of /proc tell a size of 0, so it is read until its end; O_NONBLOCK keeps a FIFO in its place from blocking us.
 */
export async function readText(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await file.stat()).isFile()) return null;
      const buffer = Buffer.alloc(64 * 1024);
      const parts: Buffer[] = [];
      let total = 0;
      while (total < LIMIT) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, LIMIT - total), null);
        if (bytesRead === 0) break;
        parts.push(Buffer.from(buffer.subarray(0, bytesRead)));
        total += bytesRead;
      }
      return Buffer.concat(parts).toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    // Missing, not permitted or unreadable: the text is unknown, which is what null says.
    return null;
  }
}
