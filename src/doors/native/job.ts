import { isAddress } from '../../ground/address.ts';
import type { NativeJob } from '../types.ts';

const MAX_JOB = 256 * 1024;

/** The job of the child, checked: a number out of bounds or an address that is no IP literal is a bug of the caller and throws. */
export function parseJob(text: string): NativeJob {
  if (text.length > MAX_JOB) throw new RangeError('job too long');
  const job = JSON.parse(text) as NativeJob;
  if (typeof job.address !== 'string' || !isAddress(job.address))
    throw new TypeError('job.address is no IP literal');
  within('port', job.port, 0, 65_535);
  if (job.job === 'sweep') {
    if (!['tcp', 'udp', 'icmp'].includes(job.protocol)) throw new TypeError('job.protocol is unknown');
    within('maxTtl', job.maxTtl, 1, 64);
    within('silentLimit', job.silentLimit, 1, 64);
    within('holdMs', job.holdMs, 0, 10_000);
  } else if (job.job === 'exchange') {
    if (typeof job.sendBase64 !== 'string' || job.sendBase64.length > 100_000)
      throw new TypeError('job.sendBase64 is missing or too long');
    within('timeoutMs', job.timeoutMs, 1, 30_000);
    within('maxBytes', job.maxBytes, 1, 65_536);
    if (job.maxSegment !== null) within('maxSegment', job.maxSegment, 88, 65_535);
    if (job.ttlAfterConnect !== null) within('ttlAfterConnect', job.ttlAfterConnect, 1, 255);
    if (job.minTtlAfterConnect !== null) within('minTtlAfterConnect', job.minTtlAfterConnect, 1, 255);
  } else if (job.job === 'knock') {
    if (!Array.isArray(job.knocks) || job.knocks.length > 64)
      throw new TypeError('job.knocks is missing or too long');
    for (const { port, mss, atMs } of job.knocks) {
      within('knocks.port', port, 1, 65_535);
      within('knocks.mss', mss, 1200, 1263);
      within('knocks.atMs', atMs, 0, 30_000);
    }
    within('waitMs', job.waitMs, 1, 1000);
  } else if (job.job === 'listen') {
    within('port', job.port, 1, 65_535);
    within('forMs', job.forMs, 0, 2000);
    within('most', job.most, 1, 100);
    if (typeof job.say !== 'string' || !/^[\x20-\x7e]{1,200}\r\n$/.test(job.say))
      throw new TypeError('job.say is no line');
  } else if (job.job === 'connect') within('timeoutMs', job.timeoutMs, 1, 30_000);
  else if (job.job !== 'reply-ttl' && job.job !== 'network') throw new TypeError('job.job is unknown');
  return job;
}

function within(name: string, value: unknown, least: number, most: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`job.${name} must be an integer from ${least} to ${most}`);
}
