import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, lstat, open, readlink, rename, unlink } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import { isLikeUrl, isUsageError, shown, type UsageError, usageError as usage } from './usage-error.ts';

/** Whose symbolic links may be followed, beside root's: the user's own. Null = the platform has no such numbers. */
export type UserId = number | null;

const MOST_LINKS = 40;

/**
 * Where a file that is to be written really lies, with every symbolic link resolved. In /tmp anybody can make a link
 * that leads to one of our user's files, so links of others are refused wherever they stand in the path.
 */
async function placeOf(file: string, userId: UserId): Promise<string | UsageError> {
  let whole: string;
  try {
    whole = resolve(file);
  } catch {
    return usage(
      `${shown(file)} stands in a directory that is gone: change to another one, or write its whole path.`,
    );
  }
  let place = parse(whole).root;
  let rest = whole.slice(place.length).split(sep);
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...others] = rest;
    const next = join(place, name);
    const info = await lstat(next).catch(() => null);
    if (info === null) return join(next, ...others);
    rest = others;
    if (!info.isSymbolicLink()) {
      place = next;
      continue;
    }
    if (userId !== null && info.uid !== userId && info.uid !== 0) {
      return usage(
        `${shown(file)} leads through ${shown(next)}, a symbolic link of another user: name a file that does not.`,
      );
    }
    links += 1;
    if (links > MOST_LINKS) return usage(`${shown(file)} leads through too many symbolic links.`);
    const aim = resolve(place, await readlink(next));
    place = parse(aim).root;
    rest = [...aim.slice(place.length).split(sep), ...others];
  }
  return place;
}

/** Whether `file` can be written, asked before the run so that no result has nowhere to go. Null = it can. */
export async function whyNotWritable(file: string, userId: UserId): Promise<UsageError | null> {
  const place = await placeOf(file, userId);
  if (isUsageError(place)) return place;
  const found = await lstat(place).catch((error: NodeJS.ErrnoException) => error);
  if (!(found instanceof Error)) {
    const wrong = whyNotReplaceable(file, found);
    if (wrong !== null) return usage(wrong);
    if (!(await may(place)))
      return usage(`${shown(file)} may not be written: choose another file, or change its permissions.`);
  } else if (found.code === 'ENAMETOOLONG') {
    return usage('The file name is too long: choose a shorter one, as in report.md.');
  }
  const directory = dirname(place);
  const parent = await lstat(directory).catch(() => null);
  // Half a URL does not show where its secrets begin.
  const named = shown(isLikeUrl(file) ? file : dirname(file));
  if (parent === null)
    return usage(
      `The directory ${named} does not exist: make it first (mkdir -p), or name a file in another one.`,
    );
  if (!parent.isDirectory())
    return usage(`${named} is not a directory: name a file in one, as in report.md.`);
  return (await may(directory))
    ? null
    : usage(`The directory ${named} may not be written: name a file in another one, as in /tmp/report.md.`);
}

function whyNotReplaceable(file: string, info: Stats): string | null {
  if (info.isDirectory()) return `${shown(file)} is a directory: name a file in it, as in report.md.`;
  return info.isFile()
    ? null
    : `${shown(file)} is a device, a pipe or a socket: name a file, as in report.md.`;
}

const may = (path: string): Promise<boolean> =>
  access(path, constants.W_OK).then(
    () => true,
    () => false,
  );

/** The first of two of `files` that are one file, whatever they are called; null where each is its own. */
export async function writtenTwice(files: readonly string[], userId: UserId): Promise<string | null> {
  const seen = new Set<string>();
  for (const file of files) {
    const place = await placeOf(file, userId);
    if (isUsageError(place)) continue;
    const info = await lstat(place).catch(() => null);
    const keys = [place, ...(info === null ? [] : [`${info.dev}:${info.ino}`])];
    if (keys.some((key) => seen.has(key))) return file;
    for (const key of keys) seen.add(key);
  }
  return null;
}

/**
 * Null when it is written, otherwise the sentence that says why it is not. The text goes into a new file beside it, for
 * the user alone (`mode`), which takes its place when all of it is on the disk: a failure leaves what was there before.
 */
export async function writeText(
  file: string,
  text: string,
  userId: UserId,
  mode = 0o600,
): Promise<string | null> {
  const place = await placeOf(file, userId);
  if (isUsageError(place)) return place.error;
  const fresh = join(dirname(place), `.reachdoctor-${randomBytes(6).toString('hex')}.tmp`);
  try {
    const info = await lstat(place).catch(() => null);
    const wrong = info === null ? null : whyNotReplaceable(file, info);
    if (wrong !== null) return wrong;
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const handle = await open(fresh, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), mode);
    try {
      if (mode !== 0o600) await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, place);
    return null;
  } catch (error) {
    await unlink(fresh).catch(() => {});
    return `${shown(file)} could not be written (${(error as NodeJS.ErrnoException | null)?.code ?? 'unknown error'}).`;
  }
}
