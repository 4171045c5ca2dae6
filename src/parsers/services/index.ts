import type { Spoken } from '../../ground/services.ts';
import type { Question } from './answer.ts';
import { domain } from './dns-tcp.ts';
import { memcached, redis } from './key-value.ts';
import { ldap } from './ldap.ts';
import { imap, pop3 } from './mail-access.ts';
import { amqp, mqtt } from './messaging.ts';
import { mongodb } from './mongodb.ts';
import { mysql } from './mysql.ts';
import { postgresql } from './postgresql.ts';
import { rdp } from './rdp.ts';
import { smb } from './smb.ts';
import { ftp, smtp } from './smtp.ts';

export type { Answer, Question } from './answer.ts';

/** The question for each service that is asked one, by the names of src/ground/services.ts. */
export const QUESTIONS: Readonly<Record<Spoken, Question>> = {
  smtp,
  imap,
  pop3,
  ftp,
  mysql,
  postgresql,
  redis,
  memcached,
  ldap,
  smb,
  mqtt,
  dns: domain,
  amqp,
  mongodb,
  rdp,
};
