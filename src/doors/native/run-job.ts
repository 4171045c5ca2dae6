import { because } from '../../model/reasons.ts';
import type { ConnectJob, NativeJob, NativeResult, SweepNews } from '../types.ts';
import { exchange } from './exchange.ts';
import { knock } from './knock.ts';
import type { Libc } from './libc.ts';
import { listen } from './listen.ts';
import { replyTtl } from './reply-ttl.ts';
import { sweep } from './sweep.ts';

/** Every job but `connect`, whose connection outlives it. */
export function runJob(libc: Libc, job: Exclude<NativeJob, ConnectJob>, news: SweepNews = {}): NativeResult {
  switch (job.job) {
    case 'sweep':
      return sweep(libc, job, news);
    case 'reply-ttl':
      return replyTtl(libc, job);
    case 'knock':
      return knock(libc, job);
    case 'listen':
      return listen(libc, job);
    case 'exchange':
      return exchange(libc, job);
    case 'network':
      // Linux tells it through ip and /proc.
      return { status: 'unavailable', reason: because('route-not-told'), enable: null };
  }
}
