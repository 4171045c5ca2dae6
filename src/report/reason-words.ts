import type { ReasonCode } from '../model/reasons.ts';

const WORDS: Record<ReasonCode, string | ((detail: string) => string)> = {
  'answer-not-used': (why) => `what came back was not used: ${why}`,
  'answers-disagree': 'the answers did not fit together or took too long',
  'asked-otherwise': 'the other end is asked with --ask-there or --there',
  'child-busy': 'the native children were at work for other targets',
  'child-ended': (how) => `the native child ended without a result (${how})`,
  'child-late': (ms) => `the native child did not end within ${ms} ms`,
  'child-loud': 'the native child printed too much',
  'child-not-run': (why) => `the native child could not be run: ${why}`,
  fault: (said) => said,
  'koffi-not-loaded': (why) => `koffi could not be loaded: ${why}`,
  'linux-only': 'this is measured on Linux only',
  'macos-tcp4-only': 'on macOS only TCP over IPv4 is traced',
  'may-not-send-icmp': (said) => `ping may not send ICMP here: ${said}`,
  'needs-address': 'a name has no path of its own: an address is needed',
  'needs-privileges': (tool) => `${tool} needs more privileges`,
  'no-algorithms': 'it introduced itself as SSH and did not go on to its list of algorithms',
  'no-answer-over-tcp': (outcome) => `the answer over UDP was truncated and TCP brought none (${outcome})`,
  'no-counters': 'this system does not tell its packet counters',
  'no-descriptor': (code) => `no file descriptor was left for it (${code})`,
  'no-dns-name': 'no DNS name can look like this (labels have at most 63 octets, names 255)',
  'no-ping-sockets': 'this system does not let ordinary users open ping sockets (net.ipv4.ping_group_range)',
  'no-socket': (code) => `no socket could be opened (${code})`,
  'no-tcp-answer': 'the port gave no TCP answer to measure',
  'no-tool': (protocols) => `this system has no tool for a trace by ${protocols}`,
  'not-connected-again': (outcome) => `a second connection was not made: ${outcome}`,
  'not-installed': (tool) => `${tool} is not installed`,
  'not-permitted': (tool) => `${tool} may not be run by this user`,
  'not-this-system': (system) => `only made for Linux, macOS and Windows on x64 and arm64, this is ${system}`,
  'not-understood': (tool) => `nothing that is known was printed (${tool})`,
  'other-question': (status) => `the native child answered another question (${status})`,
  'own-filter': (code) => `this machine did not let the query out (${code}): its own packet filter`,
  'query-failed': (code) => `the query failed with ${code}`,
  'read-in-part': (path) => `${path} is too long and was not read to its end`,
  'resolver-late': 'the system had no answer in time',
  'resolver-not-asked': (why) => `the system could not be asked: ${why}`,
  'route-not-told': 'this system does not tell its route to the address',
  'run-over': (seconds) => `the ${seconds} s of this run were over before it had an answer`,
  'switched-off': 'switched off by REACHDOCTOR_NO_NATIVE',
  'tool-late': (tool) => `${tool} did not finish in time`,
  'tool-stopped': (tool) => `the time was over: ${tool}`,
  'tool-too-old': (tool) => `${tool} does not know what was asked of it`,
  unreadable: (path) => `${path} cannot be read`,
  'windows-before-2004': 'this Windows does not tell the ICMP errors of a connection (before version 2004)',
};

/** The reason of an observation in words, without a full stop; what has no code (older evidence, a tool's own line) as it is. */
export function reasonWords(reason: string): string {
  return reason.split('; ').map(oneReason).join('; ');
}

function oneReason(reason: string): string {
  const [, code = reason, detail = ''] = /^([a-z0-9-]+): (.*)$/s.exec(reason) ?? [];
  if (!Object.hasOwn(WORDS, code)) return reason;
  const words = WORDS[code as ReasonCode];
  return typeof words === 'string' ? words : words(detail);
}
