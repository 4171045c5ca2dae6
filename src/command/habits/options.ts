import { FROM_GROUP } from '../from/options.ts';
import { MANY_GROUP } from '../many/options.ts';
import { DEFAULT_MAX_TIME_S, MAX_ALTERNATE_PORTS, QUESTIONS } from '../settings.ts';
import { THERE_GROUP } from '../there/options.ts';
import { UNTIL_GROUP } from '../watch/options.ts';
import type { OptionEntry, OptionGroup } from './option-entry.ts';

/** Systems that a dry run can be told to be on. */
export const PLATFORMS = ['linux', 'darwin', 'win32'] as const satisfies readonly NodeJS.Platform[];
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const answers = Object.entries(QUESTIONS).flatMap(([key, values]) =>
  values.map((value) => `${key}=${value}`),
);

const TARGET: OptionGroup = {
  title: 'What to diagnose (without a target: questions, on a terminal)',
  options: [
    {
      flags: '--diagnose <TARGET>',
      text: 'host:port, [2001:db8::7]:443, https://host/path, ssh://host; asks nothing',
      example: 'example.com:443',
      values: 'target',
    },
    {
      flags: '--port <PORT>',
      text: 'port number or service name, for a target without one',
      example: '443',
      values: 'service',
      short: 'port or service, for a target without one',
    },
    {
      flags: '--service <NAME>',
      text: 'what should speak on that port: https, ssh, postgresql ...',
      example: 'https',
      values: 'service',
    },
    {
      flags: '--answer <KEY=VALUE>',
      text: 'what only you know: worked-before=yes, others-can-reach=no, vpn-or-proxy=no, symptom=hangs ...; may be repeated',
      example: 'worked-before=yes',
      values: answers,
      repeat: true,
    },
  ],
};

const OUTPUT: OptionGroup = {
  title: 'What comes out',
  options: [
    {
      flags: '--json',
      text: 'one JSON document on standard output',
      short: 'one JSON document on standard output',
    },
    {
      flags: '--report <FILE>',
      text: 'write a report: .md, .html, .json or .txt; of lists also .csv, .xml (JUnit), .tap, .ndjson, .prom; may be repeated',
      example: 'report.md',
      values: 'file',
      repeat: true,
      short: 'write a report: .md, .html, .json or .txt',
    },
    { flags: '--redact', text: 'leave out your addresses, names and resolvers' },
    {
      flags: '--save-evidence <FILE>',
      text: 'write everything that was observed, for --replay',
      example: 'run.json',
      values: 'file',
    },
    { flags: '-v, --verbose', text: 'show every observation', short: 'show the evidence' },
    { flags: '--quiet', text: 'no progress and no notices on standard error' },
    { flags: '--plain', text: 'lines that are never drawn over, for screen readers' },
    { flags: '--color', text: 'colours even in a pipe; FORCE_COLOR does the same' },
    { flags: '--no-color', text: 'no colours; NO_COLOR does the same' },
  ],
};

const HOW: OptionGroup = {
  title: 'How to look',
  options: [
    {
      flags: '--max-time <SECONDS>',
      text: `end after this time (default ${DEFAULT_MAX_TIME_S})`,
      example: String(DEFAULT_MAX_TIME_S),
      short: `end after this time (default ${DEFAULT_MAX_TIME_S})`,
    },
    { flags: '-4, --ipv4', text: 'only IPv4' },
    { flags: '-6, --ipv6', text: 'only IPv6' },
    {
      flags: '--ports <LIST>',
      text: `other ports of the host to compare with, at most ${MAX_ALTERNATE_PORTS}: 22,80,https`,
      example: '22,80',
    },
    {
      flags: '--control <HOST>',
      text: 'another host whose same port is known to be open',
      example: 'other.example.com',
      values: 'host',
      short: 'another host whose same port is known to be open',
    },
    {
      flags: '--resolver <ADDRESS>',
      text: 'another DNS server to compare with; may be repeated',
      example: '192.0.2.53',
      repeat: true,
    },
    {
      flags: '--seen-as <ADDRESS>',
      text: 'the address that the far end sees you under, behind NAT',
      example: '203.0.113.9',
    },
    { flags: '--sni <NAME>', text: 'server name to send in TLS', example: 'www.example.com', values: 'host' },
    {
      flags: '--ca <FILE>',
      text: 'PEM file of certificate authorities to trust as well',
      example: 'ca.pem',
      values: 'file',
    },
    { flags: '--trace', text: 'trace the path even when the port is open' },
    { flags: '--no-ttl-probe', text: 'send no packets with a short TTL' },
    { flags: '--no-names', text: 'do not look up the names of the routers' },
    {
      flags: '--rules <DIR>',
      text: 'your own rules, beside the built-in ones',
      example: 'my-rules',
      values: 'folder',
    },
  ],
};

const WITHOUT_NETWORK: OptionGroup = {
  title: 'Without touching the network',
  options: [
    {
      flags: '--replay <FILE>',
      text: 'diagnose saved evidence again',
      example: 'run.json',
      values: 'file',
    },
    { flags: '--dry-run', text: 'list every step, command and packet with its reason, and run none' },
    {
      flags: '--platform <SYSTEM>',
      text: 'with --dry-run: as on linux, darwin or win32',
      example: 'win32',
      values: PLATFORMS,
    },
    {
      flags: '--explain-output <FILE>',
      text: 'what telnet, ssh, curl, ping ... said elsewhere, pasted into a file (- = standard input); --diagnose says about what',
      example: 'pasted.txt',
      values: 'file',
      short: 'read what telnet, ssh, curl, ping ... printed elsewhere',
    },
    {
      flags: '--explain <CAUSE>',
      text: 'what a cause is, how it is recognised, who fixes it; with --replay FILE in the words of that run',
      example: 'CAUSE; --list-causes names them all',
      values: 'cause',
      short: 'what a cause is, how it is recognised, who fixes it',
    },
    { flags: '--list-causes', text: 'every cause that can be diagnosed' },
    { flags: '--show-config', text: 'what is set by the settings file, the environment and the flags' },
    {
      flags: '--completions <SHELL>',
      text: 'print what makes bash, zsh or fish complete the options',
      example: 'bash',
      values: SHELLS,
    },
    { flags: '--man', text: 'print the manual page' },
    { flags: '-V, --version', text: 'print the version' },
    { flags: '-h, --help [all]', text: 'print the first screen, or with all every option', values: ['all'] },
  ],
};

/** Every option, in the order in which people look for them. */
export const OPTION_GROUPS: readonly OptionGroup[] = [
  TARGET,
  OUTPUT,
  HOW,
  MANY_GROUP,
  UNTIL_GROUP,
  THERE_GROUP,
  FROM_GROUP,
  WITHOUT_NETWORK,
];

export const OPTIONS: readonly OptionEntry[] = OPTION_GROUPS.flatMap(({ options }) => options);
