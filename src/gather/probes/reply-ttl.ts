import { because } from '../../model/reasons.ts';
import { withoutResult } from './native-result.ts';
import type { Probe } from './probe.ts';

/**
 * The TTL with which a port's SYN-ACK or RST arrives. Two ports of one host whose answers arrive with different TTLs are
 * answered by different machines: a RST with one more than the host's own was made one hop before it.
 */
export const replyTtl: Probe<'reply-ttl'> = async ({ address, port }, { doors, signal }) => {
  const result = await doors.native({ job: 'reply-ttl', address, port }, signal);
  if (result.status !== 'reply-ttl') return withoutResult(result);
  const { answer, ttl, sent } = result;
  const data = { port, answer, ttl, sent };
  if (ttl !== null) return { outcome: 'measured', reason: null, data };
  const reason = because(answer === null ? 'no-tcp-answer' : 'answers-disagree');
  return { outcome: 'not-measured', reason, data };
};
