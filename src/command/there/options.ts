import type { OptionGroup } from '../habits/option-entry.ts';

export const THERE_GROUP: OptionGroup = {
  title: 'The other end (docs/for-the-administrator.md)',
  options: [
    {
      flags: '--ask-there <FILE>',
      text: 'write a script for the other end: kit.sh or kit.ps1',
      example: 'kit.sh',
      values: 'file',
      short: 'write a script for the other end: kit.sh or kit.ps1',
    },
    {
      flags: '--knock <CASE>',
      text: 'send marked SYNs for a saved case, while the other end watches',
      example: 'case.json',
      values: 'file',
    },
    {
      flags: '--for <TIME>',
      text: 'how long to knock, watch, wait or listen: 8s, 10m',
      example: '8s',
    },
    {
      flags: '--merge <CASE>',
      text: 'judge again with what the other end answered: --merge case.json answer.txt',
      example: 'case.json answer.txt',
      values: 'file',
    },
    {
      flags: '--here [CASE]',
      text: 'this machine is the other end: watch for a case, or for a port',
      values: 'file',
    },
    {
      flags: '--there <CARRIER>',
      text: 'look there at once: ssh:HOST, docker:NAME, podman:, k8s:NS/POD, netns:, cmd:',
      example: 'ssh:server.example.com',
    },
    {
      flags: '--trace-rules',
      text: 'there, as root: an own nftables table names the very rule, and is removed',
    },
    {
      flags: '--listen <PORT>',
      text: 'answer on a port, to prove a firewall change',
      example: '8443 --on 192.0.2.7',
    },
    { flags: '--on <ADDRESS>', text: 'where --listen listens', example: '192.0.2.7' },
    { flags: '--any', text: 'let --listen listen on all addresses' },
  ],
};
