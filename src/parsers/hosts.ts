/**
 * The lines of a hosts file that name `host` (hosts(5)):
 *
 *   127.0.0.1   localhost
 *   192.0.2.7   db.example.com db   # moved in May
 *
 * Names compare without case and without a trailing dot. Lines are counted from 1. At most 64 entries; a line whose
 * first word is no address means nothing to the resolver and nothing here.
 */
export function hostsEntries(text: string, host: string): { address: string; line: number }[] {
  const wanted = bare(host);
  const entries: { address: string; line: number }[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    // Lists that block advertisements have hundreds of thousands of lines.
    if (line.length < 3 || line.length > 4096 || !line.toLowerCase().includes(wanted)) continue;
    const [address, ...names] = line.replace(/#.*/s, '').trim().split(/\s+/);
    if (address === undefined || !looksLikeAddress(address)) continue;
    if (!names.some((name) => bare(name) === wanted)) continue;
    entries.push({ address, line: index + 1 });
    if (entries.length === 64) break;
  }
  return entries;
}

const bare = (name: string): string => name.replace(/\.$/, '').toLowerCase();

const looksLikeAddress = (word: string): boolean =>
  word.length <= 64 &&
  (/^\d{1,3}(\.\d{1,3}){3}$/.test(word) ||
    /^(?=.*:.*:)[0-9a-f:]+(\d{1,3}(\.\d{1,3}){3})?(%[\w.-]+)?$/i.test(word));
