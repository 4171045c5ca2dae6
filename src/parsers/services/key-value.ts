import type { ServiceWord } from '../../model/measured.ts';
import { printable } from '../first-words.ts';
import { firstLine, hasLine, meaningOf, type Question, textOf, word } from './answer.ts';

/**
 * Redis and its kin (RESP) and memcached: one line for one line.
 *
 *   +PONG     -NOAUTH Authentication required.     -ERR max number of clients reached
 *   VERSION 1.6.18     ERROR Too many open connections
 */
const REDIS: Readonly<Record<string, ServiceWord['means']>> = {
  DENIED: 'denied',
  LOADING: 'not-ready',
  BUSY: 'not-ready',
  MASTERDOWN: 'not-ready',
  CLUSTERDOWN: 'not-ready',
  NOAUTH: 'login',
  NOPERM: 'login',
  WRONGPASS: 'login',
  MISCONF: 'failed',
};

export const redis: Question = {
  opening: Buffer.from('PING\r\n'),
  isWhole: hasLine,
  read(heard) {
    const line = firstLine(textOf(heard));
    if (/^(\+PONG\b|:\d+$)/.test(line))
      return { text: printable(line.slice(1)), word: null, tlsOffered: null };
    // Sentinels and proxies know fewer commands.
    if (/^-ERR unknown command/i.test(line)) return { text: printable(line), word: null, tlsOffered: null };
    const error = /^-([A-Z]+)\b ?(.*)$/.exec(line);
    if (error === null || !hasLine(heard)) return null;
    const means = REDIS[error[1]!] ?? meaningOf(line, 'failed');
    return {
      text: printable(line),
      word: word(means, `-${error[1]}`, means === 'login' ? error[2]! : line),
      tlsOffered: null,
    };
  },
  // PING is answered while the data is still loaded; how many keys there are is not.
  reply: (heard) => (textOf(heard).startsWith('+PONG') ? Buffer.from('DBSIZE\r\n') : null),
  farewell: Buffer.from('QUIT\r\n'),
};

export const memcached: Question = {
  opening: Buffer.from('version\r\n'),
  isWhole: hasLine,
  read(heard) {
    const line = firstLine(textOf(heard));
    if (/^VERSION /.test(line)) return { text: printable(line), word: null, tlsOffered: null };
    if (!/^(ERROR|CLIENT_ERROR|SERVER_ERROR)\b/.test(line) || !hasLine(heard)) return null;
    const means = /^CLIENT_ERROR.*auth/i.test(line) ? 'login' : meaningOf(line, 'failed');
    return { text: printable(line), word: word(means, line.split(' ')[0]!, line), tlsOffered: null };
  },
  farewell: Buffer.from('quit\r\n'),
};
