//  2  10.0.12.2  0.033 ms
//  3  10.0.2.2 [closed]  0.065 ms
import type { ParsedTrace, TraceContext } from './trace.ts';
import { parseTraceroute } from './traceroute.ts';

/** Output of tcptraceroute 1.5 (IPv4 only). `[open]` and `[closed]` are the target's SYN-ACK and RST, `!p` a port-unreachable. */
export function parseTcptraceroute(text: string, context: TraceContext): ParsedTrace {
  return parseTraceroute(text, 'tcptraceroute', { ...context, tcpFlags: true });
}
