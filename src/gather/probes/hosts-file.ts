import { hostsEntries } from '../../parsers/hosts.ts';
import type { Probe } from './probe.ts';

/** What this machine's hosts file says about the name: it comes before DNS on every platform unless configured otherwise. */
export const hostsFile: Probe<'hosts-file'> = async ({ host }, { doors }) => {
  const path =
    doors.hostsPath ??
    (doors.platform === 'win32' ? 'C:\\Windows\\System32\\drivers\\etc\\hosts' : '/etc/hosts');
  const text = await doors.readText(path);
  if (text === null) return { outcome: 'unreadable', reason: `${path} cannot be read`, data: null };
  const entries = hostsEntries(text, host);
  return { outcome: entries.length > 0 ? 'listed' : 'not-listed', reason: null, data: { path, entries } };
};
