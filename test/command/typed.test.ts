import { describe, expect, it } from 'vitest';
import { parseTyped } from '../../src/command/typed.ts';

const shown = (text: string): string => {
  const typed = parseTyped(text);
  if ('error' in typed) return `! ${typed.error}`;
  if (!('port' in typed)) return `${typed.host} + port?`;
  return [
    `${typed.host}:${typed.port}`,
    typed.serviceNamed ? typed.service : null,
    typed.path === '/' ? null : typed.path,
  ]
    .filter((part) => part !== null)
    .join(' ');
};

describe('what people type', () => {
  it.each([
    ['ssh root@db', 'db:22 ssh'],
    ['ssh -p 2222 -i ~/.ssh/key root@db uptime', 'db:2222 ssh'],
    ['ssh -p2222 db', 'db:2222 ssh'],
    ['sudo ssh -l root db.example.com', 'db.example.com:22 ssh'],
    ['scp file.txt root@db:/tmp/', 'db:22 ssh'],
    ['sftp -P 2022 db', 'db:2022'],
    ['telnet db 5432', 'db:5432'],
    ['telnet db', 'db:23 telnet'],
    ['nc -vz db 5432', 'db:5432'],
    ['nc -w 3 -vz db 5432', 'db:5432'],
    ['ncat db https', 'db:443 https'],
    ['nc -vz db', 'db + port?'],
    ['nc -uvz db 53', '! That command is about UDP'],
    ['curl https://user:pw@www.example.com:8443/login?token=secret', 'www.example.com:8443 https /login'],
    ["curl -H 'Accept: x' -X POST http://db/x", 'db:80 http /x'],
    ['curl -v www.example.com', 'www.example.com:80 http'],
    ['wget "https://www.example.com/"', 'www.example.com:443 https'],
    ['openssl s_client -connect db:5432 -starttls postgres', 'db:5432'],
    ['psql -h db -p 5433 -U me', 'db:5433 postgresql'],
    ['psql postgres://me:pw@db/x', 'db:5432 postgresql /x'],
    ['mysql --host=db -u root', 'db:3306 mysql'],
    ['redis-cli -h db', 'db:6379 redis'],
    ['ping db', 'db + port?'],
    ['postgres://user:pw@db/x', 'db:5432 postgresql /x'],
    ['postgres://user:p/w@db/x', 'db:5432 postgresql /x'],
    ['jdbc:postgresql://db:5433/x', 'db:5433 postgresql /x'],
    ['root@db', 'db + port?'],
    ['root@db:22', 'db:22'],
    ['db 5432', 'db:5432'],
    ['db postgresql', 'db:5432 postgresql'],
    ['2001:db8::7 443', '2001:db8::7:443'],
    ['db', 'db + port?'],
    ['2001:db8::7', '2001:db8::7 + port?'],
    ['db:https', 'db:443 https'],
    ['192.0.2.7', '192.0.2.7 + port?'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toContain(expected);
  });

  it.each([
    ['', 'The target is empty'],
    ['-x', 'cannot begin with "-"'],
    ['1.1', 'has 2 numbers and an IPv4 address has four'],
    ['example.com:0', 'Port 0 cannot be connected to'],
    ['a.example b.example c.example', 'has a space in it'],
    ['fe80::1', 'is a link-local address'],
    ['ssh', 'ssh + port?'],
  ])('%j: %s', (text, expected) => {
    expect(shown(text)).toContain(expected);
  });

  it.each([
    'postgres://canary:canary@db/x',
    'ssh canary:canary@db',
    'curl https://canary:can/ary@db/?q=canary#canary',
    'canary:canary@db',
    'canary:can/ary@db:5432',
    'https://canary:canary@db:99999/',
  ])('no user and no password is kept: %s', (text) => {
    expect(JSON.stringify(parseTyped(text))).not.toMatch(/canary/i);
  });
});
