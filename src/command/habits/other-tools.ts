/**
 * Flags that people have in their fingers from other programs, and what they are called here. Each is the end of a
 * sentence that began with "There is no option".
 */
const OURS: Record<string, string> = {
  '-p': 'write --port 443, or HOST:PORT as one word',
  '-P': 'write --port 443, or HOST:PORT as one word',
  '--dport': 'write --port 443, or HOST:PORT as one word',
  '--host': 'write the host as it is, as in reachdoctor example.com:443',
  '--url': 'write the URL as it is, as in reachdoctor https://example.com/',
  '-connect': 'write the target as it is, as in reachdoctor example.com:443',
  '--timeout': 'write --max-time 20',
  '--connect-timeout': 'write --max-time 20',
  '--max-timeout': 'write --max-time 20',
  '-w': 'write --max-time 20',
  '-W': 'write --max-time 20',
  '-m': 'write --max-time 20',
  '-t': 'write --watch to go on looking, or --max-time 20 for a limit',
  '-i': 'write --every 10s, with --watch or --wait-until',
  '--interval': 'write --every 10s, with --watch or --wait-until',
  '--wait': 'write --wait-until reachable',
  '--retry': 'write --wait-until reachable',
  '--strict': 'leave it out, since the command after -- runs only on success',
  '--continuous': 'write --watch',
  '--follow': 'write --watch',
  '-f': 'write --report report.md, or --json',
  '-o': 'write --report report.md',
  '--output': 'write --report report.md',
  '-oX': 'write --json',
  '--debug': 'write --verbose',
  '-d': 'write --verbose',
  '-q': 'write --quiet',
  '-s': 'write --quiet',
  '--silent': 'write --quiet',
  '-n': 'write --no-names',
  '--numeric': 'write --no-names',
  '--no-dns': 'write --no-names',
  '--dns': 'write --resolver 192.0.2.53',
  '--dns-servers': 'write --resolver 192.0.2.53',
  '--nameserver': 'write --resolver 192.0.2.53',
  '-servername': 'write --sni www.example.com',
  '--servername': 'write --sni www.example.com',
  '--server-name': 'write --sni www.example.com',
  '--cacert': 'write --ca ca.pem',
  '--cafile': 'write --ca ca.pem',
  '-CAfile': 'write --ca ca.pem',
  '--traceroute': 'write --trace',
  '--config': 'set REACHDOCTOR_CONFIG=FILE before the command; --show-config shows what is set',
  '-c': 'leave it out, since how much is tried follows from what is found',
  '--count': 'leave it out, since how much is tried follows from what is found',
  '-z': 'leave it out, since a connection is closed at once anyway',
  '-k': 'leave it out, since a certificate that is not trusted is told, and ends nothing',
  '--insecure': 'leave it out, since a certificate that is not trusted is told, and ends nothing',
  '-u': 'leave it out, since reachdoctor speaks TCP, and never logs in',
  '--udp': 'leave it out, since reachdoctor speaks TCP: UDP does not tell whether a port is open',
  '--user': 'leave it out, since nothing logs in',
  '-l': 'leave it out, since nothing logs in',
  '--password': 'leave it out, since nothing logs in, and a password on a command line is seen by others',
  '-H': 'leave it out, since no header of yours is sent',
  '--header': 'leave it out, since no header of yours is sent',
  '-X': 'leave it out, since HTTP is asked with HEAD, and changes nothing',
  '-x': 'leave it out, since reachdoctor goes direct, and tells of a proxy that is set',
  '--proxy': 'leave it out, since reachdoctor goes direct, and tells of a proxy that is set',
  '-b': 'leave it out, since the route decides, as for any program',
  '-I': 'leave it out, since the route decides, as for any program',
  '--interface': 'leave it out, since the route decides, as for any program',
  '--source-port': 'leave it out, since the system chooses the port, as for any program',
};

/** `-p`, or `-p443`, or `--timeout=5` -> what to write instead; null where no tool is known by it. */
export function inOtherWords(flag: string): string | null {
  const name = flag.split('=', 1)[0] ?? flag;
  if (Object.hasOwn(OURS, name)) return OURS[name] ?? null;
  // `-vz`, `-w5`: the first letter that is not ours tells.
  const letter = /^-[A-Za-z]/.exec(name)?.[0];
  return letter !== undefined && !name.startsWith('--') && Object.hasOwn(OURS, letter)
    ? (OURS[letter] ?? null)
    : null;
}

/** Every flag that is known from elsewhere, for the test that none of them is ours. */
export const FOREIGN_FLAGS: readonly string[] = Object.keys(OURS);
