import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import type { Evidence } from '../model/evidence.ts';
import type { Report } from '../model/report.ts';
import type { Parts } from './engine.ts';
import type { Io } from './main.ts';
import { type Settings, wantsColor } from './settings.ts';
import { shown, writtenFile } from './usage-error.ts';
import type { UserId } from './write-file.ts';

/** Prints the report and writes it where the flags say. What cannot be written is printed instead of being lost. */
export async function deliver(
  whole: Report,
  wholeEvidence: Evidence | null,
  settings: Settings,
  io: Io,
  parts: Parts,
  onScreen = true,
): Promise<{ report: Report; allWritten: boolean }> {
  const kit = wholeEvidence === null ? null : await kitOf(wholeEvidence, settings);
  const report = settings.redact ? await parts.redactReport(whole) : withKit(whole, kit);
  if (!onScreen) {
    // What it is part of is printed instead.
  } else if (settings.json) await print(io.stdout, await parts.document('json', report));
  else await print(io.stdout, await parts.screen(report, screenOptions(settings, io)));

  let allWritten = true;
  for (const { file, format } of settings.reports) {
    const isWritten = await writeOrPrint(file, await parts.document(format, report), settings, io);
    allWritten &&= isWritten;
  }
  if (settings.saveEvidence !== null && wholeEvidence !== null) {
    const evidence = settings.redact ? await parts.redactEvidence(wholeEvidence) : wholeEvidence;
    const text = `${JSON.stringify(evidence, null, 2)}\n`;
    const isWritten = await writeOrPrint(settings.saveEvidence, text, settings, io);
    allWritten &&= isWritten;
  }
  if (kit !== null && 'sentence' in kit) await print(io.stderr, kit.sentence);
  else if (kit !== null) {
    const isWritten = await writeOrPrint(kit.file, kit.text, settings, io);
    allWritten &&= isWritten;
    if (isWritten && !settings.quiet)
      await print(io.stderr, `SHA-256 of ${shown(kit.file)}: ${kit.sha256}\n`);
  }
  return { report, allWritten };
}

async function kitOf(evidence: Evidence, { there }: Settings) {
  return there.kit === null ? null : (await import('./there/of-a-run.ts')).kitOf(evidence, there.kit, there);
}

/** The script holds the addresses that --redact hides: such a report is passed on without it. */
const withKit = (report: Report, kit: Awaited<ReturnType<typeof kitOf>>): Report =>
  kit === null || 'sentence' in kit
    ? report
    : { ...report, kit: { name: basename(kit.file), sha256: kit.sha256, script: kit.text } };

/** False where the file could not be written. */
export async function writeOrPrint(
  file: string,
  text: string,
  settings: Settings,
  io: Io,
  mode?: number,
): Promise<boolean> {
  const { writeText } = await import('./write-file.ts');
  const problem = await writeText(file, text, userIdOf(io), mode);
  if (problem === null) {
    if (!settings.quiet) await print(io.stderr, `Written: ${writtenFile(file)}\n`);
    return true;
  }
  if (settings.json) {
    await print(io.stderr, `${problem} The JSON document on standard output holds the same report.\n`);
  } else {
    await print(io.stderr, `${problem} It is printed on standard output instead.\n`);
    await print(io.stdout, `\n${text}`);
  }
  return false;
}

export function screenOptions(settings: Settings, io: Io) {
  return {
    color: wantsColor(settings.color, io.stdout, io.env),
    unicode: speaksUnicode(io),
    width: io.stdout.columns ?? 80,
    verbose: settings.verbose,
  };
}

/** Locale variables in the order in which they count (locale(7)); Windows Terminal says so by its own variable. */
export function speaksUnicode(io: Pick<Io, 'env' | 'platform'>): boolean {
  const { env, platform } = io;
  if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM === 'vscode';
  if (platform === 'darwin') return true;
  if (env.TERM === 'linux') return false;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}

export const userIdOf = (io: Io): UserId => io.userId ?? null;

/** Resolves when the text is out, or when nobody reads any more (EPIPE), which is not our failure. */
export function print(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) return resolve();
    stream.write(text, () => resolve());
  });
}
