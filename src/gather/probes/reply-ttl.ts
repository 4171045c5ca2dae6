import { because } from '../../model/reasons.ts';
import type { Probe } from './probe.ts';

/**
 * The TTL with which a port's SYN-ACK or RST arrives. Two ports of one host whose answers arrive with different TTLs are
 * answered by different machines: a RST with one more than the host's own was made one hop before it.
 */
export const replyTtl: Probe<'reply-ttl'> = async ({ address, port }, { doors, signal }) => {
  const result = await doors.native({ job: 'reply-ttl', address, port }, signal);
  switch (result.status) {
    case 'reply-ttl': {
      const { answer, ttl, sent } = result;
      const reason =
        ttl !== null ? null : answer === null ? because('no-tcp-answer') : because('answers-disagree');
      return {
        outcome: ttl === null ? 'not-measured' : 'measured',
        reason,
        data: { port, answer, ttl, sent },
      };
    }
    case 'unavailable':
      return {
        outcome: 'not-available',
        reason: result.reason,
        data: null,
        enable: result.enable,
        ...(result.code === undefined ? {} : { code: result.code }),
      };
    case 'cancelled':
      return { outcome: 'cancelled', reason: null, data: null };
    case 'failed':
      return { outcome: 'failed', reason: result.reason, data: null };
    default:
      return {
        outcome: 'failed',
        reason: because('other-question', result.status),
        data: null,
      };
  }
};
