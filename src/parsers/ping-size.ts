/**
 * One `ping -M do -s SIZE` of iputils, read for what it says about the size:
 *
 *   From 10.0.2.2 icmp_seq=1 Frag needed and DF set (mtu = 1280)
 *   ping: local error: message too long, mtu=1400
 *   From 10.0.1.1 icmp_seq=1 Time to live exceeded
 *   1480 bytes from 10.0.9.1: icmp_seq=1 ttl=62 time=0.5 ms
 */
export interface SizedPing {
  answer: 'reply' | 'too-big' | 'too-big-here' | 'time-exceeded' | 'other' | 'silence';
  from: string | null;
  mtu: number | null;
}

export function parseSizedPing(stdout: string, stderr: string): SizedPing {
  const text = `${stdout}\n${stderr}`;
  const reply = /bytes from (\S+?)(?: \(([^)\s]+)\))?: icmp_seq=\d+ ttl=/.exec(text);
  if (reply !== null) return { answer: 'reply', from: reply[2] ?? reply[1]!, mtu: null };
  const from = /^From (\S+)(?: \(([^)]+)\))? ?:? ?icmp_seq=\d+ (.*)$/m.exec(text);
  const address = from === null ? null : (from[2] ?? from[1]!).replace(/:$/, '');
  const told = /(?:Frag needed and DF set|Packet too big)[^\n]*mtu ?= ?(\d{1,5})/i.exec(text);
  if (told !== null) return { answer: 'too-big', from: address, mtu: Number(told[1]) };
  const here = /(?:local error: )?message too long,? ?mtu ?[=:] ?(\d{1,5})/i.exec(text);
  if (here !== null) return { answer: 'too-big-here', from: null, mtu: Number(here[1]) };
  if (from !== null && /time to live exceeded|hop limit/i.test(from[3]!)) {
    return { answer: 'time-exceeded', from: address, mtu: null };
  }
  return { answer: from === null ? 'silence' : 'other', from: address, mtu: null };
}
