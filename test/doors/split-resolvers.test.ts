import { expect, test } from 'vitest';
import { resolversFor, splitCommand } from '../../src/doors/split-resolvers.ts';
import type { CommandResult, NativeResult } from '../../src/doors/types.ts';

const SCUTIL = `DNS configuration

resolver #1
  nameserver[0] : 192.168.1.1
  if_index : 11 (en0)

resolver #2
  domain   : corp.example.com
  nameserver[0] : 10.0.0.53
  nameserver[1] : 10.0.0.54

resolver #3
  domain   : db.corp.example.com
  nameserver[0] : 10.0.9.53

resolver #4
  domain   : local
  options  : mdns

DNS configuration (for scoped queries)

resolver #1
  nameserver[0] : 203.0.113.53
`;
const RESOLVECTL = `Global
       Protocols: -LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported
resolv.conf mode: uplink

Link 2 (eth0)
    Current Scopes: DNS
         Protocols: +DefaultRoute -LLMNR
       DNS Servers: 192.168.1.1

Link 5 (wg0)
    Current Scopes: DNS
         Protocols: -DefaultRoute -LLMNR
       DNS Servers: 10.8.0.53
        DNS Domain: ~corp.example.com
`;

interface Here {
  platform: NodeJS.Platform;
  own?: string[];
  stdout?: string;
  status?: CommandResult['status'];
  resolvedRuns?: boolean;
  native?: NativeResult;
  searchDomains?: string[];
}
async function asks(host: string, here: Here): Promise<{ servers: string[]; ran: string[] }> {
  const ran: string[] = [];
  const config = {
    nameservers: (here.own ?? ['192.168.1.1']).map((address) => ({ address, port: 53 })),
    searchDomains: here.searchDomains ?? [],
    ndots: 1,
  };
  const { nameservers } = await resolversFor(host, config, {
    platform: here.platform,
    readText: async (path) =>
      path === '/run/systemd/resolve/resolv.conf' && here.resolvedRuns === true
        ? 'nameserver 192.168.1.1'
        : null,
    runCommand: async ({ file, args }) => {
      const commandLine = [file, ...args].join(' ');
      ran.push(commandLine);
      return {
        status: here.status ?? 'done',
        exitCode: 0,
        stdout: here.stdout ?? '',
        stderr: '',
        commandLine,
      };
    },
    native: async () => here.native ?? { status: 'cancelled' },
  });
  return { servers: nameservers.map(({ address }) => address), ran };
}

test('on macOS the most specific domain of scutil has its own resolvers', async () => {
  const mac: Here = { platform: 'darwin', stdout: SCUTIL };
  expect(await asks('www.example.com', mac)).toEqual({ servers: ['192.168.1.1'], ran: ['scutil --dns'] });
  expect((await asks('git.corp.example.com', mac)).servers).toEqual(['10.0.0.53', '10.0.0.54']);
  expect((await asks('CORP.example.com.', mac)).servers).toEqual(['10.0.0.53', '10.0.0.54']);
  expect((await asks('a.db.corp.example.com', mac)).servers).toEqual(['10.0.9.53']);
  expect((await asks('notcorp.example.com', mac)).servers).toEqual(['192.168.1.1']);
  // A domain of mDNS has no server to ask, and scoped resolvers are for sockets that are bound to an interface.
  expect((await asks('printer.local', mac)).servers).toEqual(['192.168.1.1']);
});

test('a name without a dot is looked for in the search domains', async () => {
  const mac: Here = {
    platform: 'darwin',
    stdout: SCUTIL,
    searchDomains: ['example.net', 'corp.example.com'],
  };
  expect((await asks('git', mac)).servers).toEqual(['10.0.0.53', '10.0.0.54']);
  expect((await asks('git', { platform: 'darwin', stdout: SCUTIL })).servers).toEqual(['192.168.1.1']);
});

test('where resolv.conf names nobody, scutil does', async () => {
  expect((await asks('www.example.com', { platform: 'darwin', stdout: SCUTIL, own: [] })).servers).toEqual([
    '192.168.1.1',
  ]);
});

test('on Linux resolvectl is asked where systemd-resolved runs and is not asked itself', async () => {
  const linux: Here = { platform: 'linux', stdout: RESOLVECTL, resolvedRuns: true };
  expect(await asks('git.corp.example.com', linux)).toEqual({
    servers: ['10.8.0.53'],
    ran: ['resolvectl --no-pager status'],
  });
  expect((await asks('www.example.com', linux)).servers).toEqual(['192.168.1.1']);
  expect(await asks('git.corp.example.com', { ...linux, own: ['127.0.0.53'] })).toEqual({
    servers: ['127.0.0.53'],
    ran: [],
  });
  expect((await asks('git.corp.example.com', { ...linux, resolvedRuns: false })).ran).toEqual([]);
});

test('what cannot be learnt changes nothing', async () => {
  for (const status of ['missing', 'timed-out', 'failed'] as const)
    expect((await asks('git.corp.example.com', { platform: 'darwin', status })).servers).toEqual([
      '192.168.1.1',
    ]);
  expect((await asks('git.corp.example.com', { platform: 'win32' })).servers).toEqual(['192.168.1.1']);
  expect((await asks('git.corp.example.com', { platform: 'freebsd' })).ran).toEqual([]);
});

test('on Windows the servers of the adapters, that of the route first', async () => {
  const native: NativeResult = {
    status: 'network',
    route: { kind: 'unicast', device: 'Ethernet', gateway: '192.168.1.1', source: null, onLink: false },
    neighbour: null,
    interfaces: [],
    resolvers: ['10.8.0.53', '192.168.1.1'],
  };
  expect(await asks('www.example.com', { platform: 'win32', native, own: [] })).toEqual({
    servers: ['10.8.0.53', '192.168.1.1'],
    ran: [],
  });
});

test('an address is looked up by nobody', async () => {
  expect((await asks('192.0.2.7', { platform: 'darwin', stdout: SCUTIL })).ran).toEqual([]);
});

test('a dry run names the very command', () => {
  expect([splitCommand('darwin'), splitCommand('linux'), splitCommand('win32')]).toEqual([
    'scutil --dns',
    'resolvectl --no-pager status',
    null,
  ]);
});
