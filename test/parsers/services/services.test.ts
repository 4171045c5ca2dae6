import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serviceNamed, serviceNames } from '../../../src/ground/services.ts';
import { protocolOf } from '../../../src/parsers/first-words.ts';
import { QUESTIONS } from '../../../src/parsers/services/index.ts';
import { sshRefusal } from '../../../src/parsers/ssh.ts';

type Name = keyof typeof QUESTIONS;

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const mysqlError = (code: number, words: string, state = ''): Buffer => {
  const body = Buffer.concat([Buffer.from([0xff, code & 255, code >> 8]), latin(state + words)]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
};
const postgresqlError = (code: string, words: string): Buffer => {
  const body = latin(`SFATAL\0VFATAL\0C${code}\0M${words}\0\0`);
  const head = Buffer.alloc(5);
  head[0] = 0x45;
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const ldapResult = (tag: number, id: number, code: number, words = ''): Buffer => {
  const body = Buffer.concat([Buffer.from([10, 1, code, 4, 0, 4, words.length]), latin(words)]);
  return Buffer.concat([Buffer.from([0x30, body.length + 5, 2, 1, id, tag, body.length]), body]);
};
const smbAnswer = (status: number): Buffer => {
  const answer = Buffer.alloc(68);
  answer.writeUInt32BE(64);
  answer.writeUInt32BE(0xfe534d42, 4);
  answer.writeUInt32LE(status, 12);
  return answer;
};
const bson = (fields: Buffer[]): Buffer => {
  const body = Buffer.concat([...fields, Buffer.from([0])]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length + 4);
  return Buffer.concat([length, body]);
};
const double = (name: string, value: number): Buffer => {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  return Buffer.concat([latin(`\x01${name}\0`), number]);
};
const text = (name: string, value: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length + 1);
  return Buffer.concat([latin(`\x02${name}\0`), length, latin(`${value}\0`)]);
};
const opMsg = (document: Buffer): Buffer => {
  const head = Buffer.alloc(21);
  head.writeUInt32LE(21 + document.length);
  head.writeUInt32LE(2013, 12);
  return Buffer.concat([head, document]);
};

/** Of PgBouncer, which gives one code to all of them. */
const pooler: [string, string][] = [
  ['pgbouncer cannot connect to server', 'backend'],
  ['server login has been failing, try again later (server_login_retry)', 'backend'],
  ['no more connections allowed (max_client_conn)', 'limit'],
  ['no such database: postgres', 'login'],
  ['pgbouncer is shutting down', 'not-ready'],
  ['client_login_timeout', 'failed'],
];

describe('a service that is full, that refuses, that starts', () => {
  const cases: [Name, Uint8Array, string, string | null, RegExp][] = [
    ['mysql', mysqlError(1040, 'Too many connections'), 'limit', '1040', /^Too many connections$/],
    ['mysql', mysqlError(1130, "Host '192.0.2.2' is not allowed"), 'denied', '1130', /not allowed/],
    ['mysql', mysqlError(1129, "Host '192.0.2.2' is blocked"), 'denied', '1129', /blocked/],
    ['mysql', mysqlError(1053, 'Server shutdown in progress', '#08S01'), 'not-ready', '1053', /^Server/],
    ['mysql', mysqlError(1045, 'Access denied', '#28000'), 'login', '1045', /^Access denied$/],
    ['postgresql', postgresqlError('53300', 'sorry, too many clients already'), 'limit', '53300', /^sorry/],
    [
      'postgresql',
      postgresqlError('57P03', 'the database system is starting up'),
      'not-ready',
      '57P03',
      /up$/,
    ],
    ['postgresql', postgresqlError('28000', 'no pg_hba.conf entry'), 'login', '28000', /pg_hba/],
    [
      'postgresql',
      postgresqlError('28000', 'connection requires a valid client certificate'),
      'certificate',
      '28000',
      /client certificate/,
    ],
    ['postgresql', postgresqlError('28000', 'role "reachdoctor" does not exist'), 'login', '28000', /role/],
    ['postgresql', latin('Esorry, out of memory\n\0'), 'failed', null, /memory/],
    ...pooler.map(([words, means]): [Name, Uint8Array, string, string | null, RegExp] => [
      'postgresql',
      postgresqlError('08P01', words),
      means,
      '08P01',
      new RegExp(words.slice(0, 12)),
    ]),
    ['smtp', latin('554 mx ESMTP not accepting mail from your network\r\n'), 'denied', '554', /accepting/],
    ['smtp', latin('421 4.3.2 Service not active\r\n'), 'not-ready', '421', /active/],
    ['smtp', latin('452 4.3.1 Insufficient system storage\r\n'), 'limit', '452', /storage/],
    ['smtp', latin('421 4.4.5 congestion\r\n'), 'limit', '421', /congestion/],
    ['redis', latin('-ERR max number of clients reached\r\n'), 'limit', '-ERR', /max number/],
    ['redis', latin('-DENIED Redis is running in protected mode\r\n'), 'denied', '-DENIED', /protected/],
    ['redis', latin('-LOADING Redis is loading the dataset\r\n'), 'not-ready', '-LOADING', /loading/],
    ['redis', latin('-BUSY Redis is busy running a script.\r\n'), 'not-ready', '-BUSY', /script/],
    ['redis', latin('-NOAUTH Authentication required.\r\n'), 'login', '-NOAUTH', /^Authentication/],
    ['memcached', latin('ERROR Too many open connections\r\n'), 'limit', 'ERROR', /Too many/],
    [
      'smtp',
      latin('421 4.7.0 mx Error: too many connections from 192.0.2.2\r\n'),
      'limit',
      '421',
      /too many/,
    ],
    ['smtp', latin('421 mx Service not available\r\n'), 'failed', '421', /not available/],
    ['smtp', latin('554-mx\r\n554 5.7.1 no mail from your network\r\n'), 'denied', '554', /your network/],
    ['ftp', latin('421 There are too many connected users\r\n'), 'limit', '421', /too many/],
    [
      'smtp',
      latin('554-mx ESMTP\r\n554 5.7.1 Service unavailable; client host blocked using bl.example\r\n'),
      'denied',
      '554',
      /blocked using/,
    ],
    ['smtp', latin('554 5.3.2 Service unavailable\r\n'), 'not-ready', '554', /unavailable/],
    ['smtp', latin('450 4.7.1 <x>: Client host rejected: not today\r\n'), 'denied', '450', /rejected/],
    ['smtp', latin('450 4.2.0 mailbox of nobody\r\n'), 'failed', '450', /nobody/],
    ['ftp', latin('500 OOPS: vsftpd: refusing to run\r\n'), 'failed', '500', /OOPS/],
    ['ftp', latin('530 Sorry, not allowed\r\n'), 'denied', '530', /not allowed/],
    ['imap', latin('* BYE Maximum number of connections exceeded\r\n'), 'limit', 'BYE', /Maximum/],
    ['imap', latin('* BYE Server shutting down.\r\n'), 'not-ready', 'BYE', /shutting/],
    ['imap', latin('* BYE Access denied\r\n'), 'denied', 'BYE', /denied/],
    ['imap', latin('* BYE Auth process broken\r\n'), 'failed', 'BYE', /broken/],
    ['imap', latin('* BYE Disconnected\r\n'), 'failed', 'BYE', /Disconnected/],
    ['imap', latin('* BYE Lookup failed, your address is blocked\r\n'), 'denied', 'BYE', /blocked/],
    ['pop3', latin('-ERR Internal error occurred\r\n'), 'failed', '-ERR', /Internal/],
    ['pop3', latin('-ERR Not allowed from your host\r\n'), 'denied', '-ERR', /your host/],
    ['pop3', latin('-ERR [SYS/TEMP] busy\r\n'), 'not-ready', '-ERR', /busy/],
    ['ldap', ldapResult(0x65, 1, 51, 'busy'), 'limit', '51', /busy/],
    ['ldap', ldapResult(0x78, 0, 52, 'going down'), 'not-ready', '52', /going down/],
    ['ldap', ldapResult(0x65, 1, 8, 'bind first'), 'login', '8', /bind first/],
    ['smb', Buffer.from([0x83, 0, 0, 1, 0x81]), 'denied', '0x81', /calling name/],
    ['smb', smbAnswer(0xc00000d0), 'limit', '0xc00000d0', /NOT_ACCEPTED/],
    ['mqtt', Buffer.from([0x20, 2, 0, 3]), 'not-ready', '3', /unavailable/],
    ['mqtt', Buffer.from([0x20, 2, 0, 5]), 'login', '5', /authorized/],
    ['mongodb', opMsg(bson([double('ok', 0), text('errmsg', 'too many open')])), 'limit', null, /too many/],
  ];
  test.each(cases)('%s %#: %s', (name, heard, means, code, words) => {
    expect(QUESTIONS[name].isWhole(heard)).toBe(true);
    const said = QUESTIONS[name].read(heard)?.word;
    expect(said).toMatchObject({ means, code });
    expect(said?.text).toMatch(words);
  });

  test.each([
    ['Exceeded MaxStartups', 'limit'],
    ['Not allowed at this time', 'denied'],
    ['fatal: something', 'failed'],
  ])('sshd: %s', (words, means) => expect(sshRefusal(words).means).toBe(means));
});

describe('a service that is well', () => {
  const cases: [Name, Uint8Array][] = [
    ['mysql', Buffer.concat([Buffer.from([24, 0, 0, 0, 10]), latin('8.0.36\0'), Buffer.alloc(16)])],
    ['postgresql', latin('S')],
    ['postgresql', latin('R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0')],
    ['redis', latin('+PONG\r\n')],
    ['memcached', latin('VERSION 1.6.18\r\n')],
    ['smtp', latin('220 mx ESMTP Postfix\r\n')],
    ['ftp', latin('220 (vsFTPd 3.0.3)\r\n')],
    ['imap', latin('* OK [CAPABILITY IMAP4rev1] ready\r\n')],
    ['pop3', latin('+OK Dovecot ready.\r\n')],
    [
      'ldap',
      Buffer.concat([Buffer.from([0x30, 9, 2, 1, 1, 0x64, 4, 4, 0, 0x30, 0]), ldapResult(0x65, 1, 0)]),
    ],
    ['smb', smbAnswer(0)],
    ['smb', smbAnswer(0xc00000bb)],
    ['mqtt', Buffer.from([0x20, 2, 0, 0])],
    ['dns', Buffer.from([0, 17, 0x52, 0x44, 0x80, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1])],
    ['amqp', Buffer.from([1, 0, 0, 0, 0, 1, 242, 0, 10, 0, 10, 0, 9])],
    ['amqp', latin('AMQP\0\x01\0\0')],
    ['mongodb', opMsg(bson([text('x', 'y'), double('ok', 1)]))],
    ['rdp', Buffer.from([3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0])],
    ['rdp', Buffer.from([3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0])],
  ];
  test.each(cases)('%s %#', (name, heard) => {
    expect(QUESTIONS[name].isWhole(heard)).toBe(true);
    expect(QUESTIONS[name].read(heard)).toMatchObject({ word: null });
  });

  test.each(cases.filter(([name]) => !['postgresql', 'dns'].includes(name)))(
    '%s %# is recognised where it is not expected',
    (name, heard) => {
      expect(['smtp', 'ftp'].includes(name) ? name : protocolOf(heard)).toBe(name);
    },
  );

  test.each(cases.filter(([, heard]) => heard.length > 4))(
    'half of an answer of %s %# is not whole',
    (name, heard) => {
      if (name === 'dns' || name === 'rdp' || name === 'amqp') return;
      expect(QUESTIONS[name].isWhole(heard.subarray(0, 3))).toBe(false);
    },
  );
});

test('no question is answered by what other services say', () => {
  const web = latin('HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n');
  const shell = latin('SSH-2.0-OpenSSH_9.2p1\r\n');
  for (const question of Object.values(QUESTIONS))
    for (const heard of [web, shell]) expect(question.read(heard)).toBeNull();
});

test('nothing that a stranger sends makes a question throw, and its words are printable', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...(Object.keys(QUESTIONS) as Name[])),
      (noise, name) => {
        const question = QUESTIONS[name];
        for (const heard of [noise, Buffer.concat([question.opening ?? Buffer.alloc(0), noise])]) {
          question.isWhole(heard);
          question.reply?.(heard);
          expect(question.read(heard)?.word?.text ?? '').toMatch(/^[\x20-\x7e]*$/);
        }
      },
    ),
  );
});

test('a login that MySQL is given has no password, and another method is answered with nothing', () => {
  const greeting = Buffer.concat([Buffer.from([24, 0, 0, 0, 10]), latin('8.0.36\0'), Buffer.alloc(16)]);
  const login = Buffer.from(QUESTIONS.mysql.reply!(greeting)!);
  expect(login[3]).toBe(1);
  expect(login.toString('latin1')).toContain('reachdoctor\0\0mysql_native_password\0');
  expect([...QUESTIONS.mysql.reply!(Buffer.from([2, 0, 0, 2, 0xfe, 0]))!]).toEqual([0, 0, 0, 3]);
  expect([...QUESTIONS.mysql.reply!(Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]))!]).toEqual([
    1, 0, 0, 0, 1,
  ]);
});

test('Redis is asked how many keys it has, which it does not tell while it loads', () => {
  const { reply, read } = QUESTIONS.redis;
  expect(Buffer.from(reply!(latin('+PONG\r\n'))!).toString()).toBe('DBSIZE\r\n');
  expect(reply!(latin(':12\r\n'))).toBeNull();
  expect(read(latin(':12\r\n'))).toMatchObject({ word: null });
  expect(read(latin("-ERR unknown command 'DBSIZE'\r\n"))).toMatchObject({ word: null });
});

test('every service that is asked a question is in the table of services', () => {
  const spoken = new Set(serviceNames().map((name) => serviceNamed(name)?.speaks));
  for (const name of Object.keys(QUESTIONS)) expect(spoken).toContain(name);
});
