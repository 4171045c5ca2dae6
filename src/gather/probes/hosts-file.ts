import { because } from '../../model/reasons.ts';
import { hostsEntries } from '../../parsers/hosts.ts';
import type { Probe, ProbeContext } from './probe.ts';

const MOST_ENTRIES = 64;

/** What this machine's hosts file says about the name: it comes before DNS on every platform unless configured otherwise. */
export const hostsFile: Probe<'hosts-file'> = async ({ host }, { doors, signal }) => {
  const path =
    doors.hostsPath ??
    (doors.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts');
  const entries: { address: string; line: number }[] = [];
  let linesBefore = 0;
  const ended = await piecesOf(doors, path, signal, (piece) => {
    for (const { address, line } of hostsEntries(piece, host))
      if (entries.length < MOST_ENTRIES) entries.push({ address, line: linesBefore + line });
    linesBefore += piece.split('\n').length - 1;
  });
  if (ended === null) return { outcome: 'unreadable', reason: because('unreadable', path), data: null };
  if (signal.aborted) return { outcome: 'cancelled', reason: null, data: null };
  const partly = ended === 'partly' ? because('read-in-part', path) : null;
  // What stands in the part that was not read is unknown; a line that was found is there all the same.
  if (partly !== null && entries.length === 0) return { outcome: 'unreadable', reason: partly, data: null };
  return { outcome: entries.length > 0 ? 'listed' : 'not-listed', reason: partly, data: { path, entries } };
};

async function piecesOf(
  doors: ProbeContext<'hosts-file'>['doors'],
  path: string,
  signal: AbortSignal,
  onPiece: (lines: string) => void,
): Promise<'whole' | 'partly' | null> {
  if (doors.readPieces !== undefined) return doors.readPieces(path, onPiece, signal);
  const text = await doors.readText(path);
  if (text === null) return null;
  onPiece(text);
  return 'whole';
}
