// -s 10.0.0.0/8 ! -i lo -p tcp -m multiport --dports 22,80:90 -m conntrack --ctstate NEW -j DNAT --to-destination 172.17.0.2:80
import { hexOf, rangeOf } from '../ground/address.ts';
import type { Effect, Field, Match, RuleStep, Test } from '../model/ruleset.ts';

/** The words of a rule as iptables-save writes them: quotation marks around what has blanks, backslashes before quotes. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

type Reader = (argument: string, not: boolean) => Match | null;

/** Option -> what it demands; null = its argument is not known to us. */
const OPTIONS: Record<string, Reader> = {
  '-p': (name, not) => names('protocol', [PROTOCOLS[name] ?? name], not),
  '-s': addresses('source'),
  '-d': addresses('destination'),
  '-i': (name, not) => names('iif', [name.replace(/\+$/, '*')], not),
  '-o': (name, not) => names('oif', [name.replace(/\+$/, '*')], not),
  '--sport': ports('sourcePort'),
  '--dport': ports('destinationPort'),
  '--sports': ports('sourcePort'),
  '--dports': ports('destinationPort'),
  '--ports': (list, not) => {
    const either = [ports('sourcePort')(list, false), ports('destinationPort')(list, false)];
    return either.includes(null)
      ? null
      : { anyOf: either.filter((one) => one !== null).map((one) => [one]), not };
  },
  '--state': states,
  '--ctstate': states,
  '--ctorigdst': addresses('originalDestination'),
  '--ctorigdstport': ports('originalPort'),
  '--src-range': addresses('source'),
  '--dst-range': addresses('destination'),
  '--src-type': (type, not) => names('sourceType', type.toLowerCase().split(','), not),
  '--dst-type': (type, not) => names('destinationType', type.toLowerCase().split(','), not),
  '--mss': (range, not) => numbers('mss', [range], not),
  '--mark': (mark, not) => {
    const [bits, mask = 0xffff_ffff] = mark.split('/').map(Number);
    if (bits === undefined || Number.isNaN(bits) || Number.isNaN(mask)) return null;
    return { field: 'mark', test: { kind: 'bits', mask, bits }, not };
  },
};
/** Options without an argument, and with two. */
const SYN: Match = { field: 'tcpFlags', test: { kind: 'bits', mask: 0b1_0111, bits: 0b10 }, not: false };

/** Modules that only carry options named above. `mark` is one; `connmark` is not, and has an option of the same name. */
const MODULES = new Set([
  'tcp',
  'udp',
  'multiport',
  'state',
  'conntrack',
  'comment',
  'addrtype',
  'mark',
  'iprange',
  'tcpmss',
]);
const PROTOCOLS: Record<string, string> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'ipv6-icmp',
  '0': 'all',
};

/** One rule after `-A CHAIN`. */
export function stepsOfRule(words: readonly string[]): RuleStep[] {
  const steps: RuleStep[] = [];
  const matchUnknown = (text: string): void => {
    steps.push({ match: { unknown: text } });
  };
  let module = '';
  let not = false;
  let i = 0;
  /** The words up to the next option. */
  const takeRest = (): string[] => {
    const start = i;
    while (i < words.length && !/^--?[a-z]/i.test(words[i] ?? '') && words[i] !== '!') i++;
    return words.slice(start, i);
  };
  while (i < words.length) {
    const word = words[i++] ?? '';
    if (word === '!') {
      not = true;
      continue;
    }
    const isNot = not;
    not = false;
    if (word === '-j' || word === '-g') {
      const effect = effectOf(word, words[i++] ?? '', words.slice(i));
      if (effect !== null) steps.push({ effect });
      return steps;
    }
    if (word === '-m') {
      module = words[i++] ?? '';
      if (!MODULES.has(module)) matchUnknown(`-m ${module} ${takeOptions()}`.trim());
      continue;
    }
    if (word === '--comment') i++;
    else if (word === '--syn') steps.push({ match: { ...SYN, not: isNot } as Match });
    else if (word === '--tcp-flags') {
      const test = flagTest(words[i++] ?? '', words[i++] ?? '');
      if (test === null) matchUnknown('--tcp-flags');
      else steps.push({ match: { field: 'tcpFlags', test, not: isNot } });
    } else if (word === '-p' && (words[i] === 'all' || words[i] === '0')) i++;
    else {
      const argument = takeRest();
      const match = OPTIONS[word]?.(argument.join(' '), isNot) ?? null;
      if (match === null) matchUnknown([isNot ? '!' : '', word, ...argument].join(' ').trim());
      else steps.push({ match });
    }
  }
  return steps;

  /** Everything that belongs to a module that is not known. */
  function takeOptions(): string {
    const start = i;
    while (i < words.length && !/^(-m|-j|-g)$/.test(words[i] ?? '')) i++;
    return words.slice(start, i).join(' ');
  }
}

// ---------------------------------------------------------------- matches

function names(field: Field, list: string[], not: boolean): Match {
  return { field, test: { kind: 'names', names: list }, not };
}

function addresses(field: Field): Reader {
  return (argument, not) => {
    const ranges = argument.split(',').map((one) => {
      const [from = '', to] = one.split('-');
      if (to !== undefined) {
        const ends = [hexOf(from), hexOf(to)];
        return ends[0] && ends[1] ? ([ends[0], ends[1]] as [string, string]) : null;
      }
      return rangeOf(withLength(one));
    });
    if (ranges.includes(null)) return null;
    return { field, test: { kind: 'addresses', ranges: ranges.filter((range) => range !== null) }, not };
  };
}

/** `10.0.0.0/255.0.0.0` -> `10.0.0.0/8`; a mask with holes stays as it is and is not understood. */
function withLength(network: string): string {
  const [base = '', mask = ''] = network.split('/');
  if (!mask.includes('.') && !mask.includes(':')) return network;
  const bits = [...(hexOf(mask) ?? '')]
    .map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0'))
    .join('');
  return /^1*0*$/.test(bits) && bits !== '' ? `${base}/${bits.replace(/0/g, '').length}` : network;
}

function numbers(field: Field, list: readonly string[], not: boolean): Match | null {
  const ranges = list.map((one): [number, number] | null => {
    const [, from, colon = '', to] = /^(\d*)(?:(:)(\d*))?$/.exec(one) ?? [];
    if (from === undefined || (from === '' && colon === '')) return null;
    const least = Number(from || 0);
    return [least, colon === '' ? least : Number(to || 65_535)];
  });
  if (ranges.includes(null)) return null;
  return { field, test: { kind: 'numbers', ranges: ranges.filter((range) => range !== null) }, not };
}

function ports(field: Field): Reader {
  return (list, not) => numbers(field, list.split(','), not);
}

function states(list: string, not: boolean): Match {
  const words = list.toLowerCase().split(',');
  return { anyOf: [[names('state', words, false)], [names('status', words, false)]], not };
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

function flagTest(mask: string, set: string): Test | null {
  const bitsOf = (list: string): number =>
    list === 'NONE'
      ? 0
      : list === 'ALL'
        ? 0b11_1111
        : list.split(',').reduce((sum, flag) => sum | (1 << FLAGS.indexOf(flag)), 0);
  const isKnown = [mask, set].every((list) =>
    list.split(',').every((flag) => FLAGS.includes(flag) || flag === 'NONE' || flag === 'ALL'),
  );
  return isKnown ? { kind: 'bits', mask: bitsOf(mask), bits: bitsOf(set) } : null;
}

// ---------------------------------------------------------------- targets

/** Targets after which the packet goes on as it was (iptables-extensions(8)), as far as anything is looked at here. */
const SILENT = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TRACE',
  'AUDIT',
  'TCPMSS',
  'TTL',
  'HL',
  'DSCP',
  'TOS',
  'CLASSIFY',
  'CHECKSUM',
  'SET',
  'CONNMARK',
  'CONNSECMARK',
  'SECMARK',
  'RATEEST',
  'TCPOPTSTRIP',
  'ECN',
  'LED',
  'IDLETIMER',
  'TEE',
  'HMARK',
]);
const UNKNOWN = new Set([
  'QUEUE',
  'NFQUEUE',
  'SYNPROXY',
  'TPROXY',
  'CLUSTERIP',
  'NETMAP',
  'TARPIT',
  'DELUDE',
  'MIRROR',
]);

function effectOf(option: string, target: string, rest: readonly string[]): Effect | null {
  const argumentOf = (name: string): string | null => {
    const at = rest.indexOf(name);
    return at < 0 ? null : (rest[at + 1] ?? null);
  };
  if (option === '-g') return { do: 'goto', chain: target };
  switch (target) {
    case 'ACCEPT':
      return { do: 'accept' };
    case 'DROP':
      return { do: 'drop' };
    case 'RETURN':
      return { do: 'return' };
    case 'REJECT':
      return { do: 'reject', how: argumentOf('--reject-with') ?? 'port-unreachable' };
    case 'SNAT':
    case 'MASQUERADE':
      return { do: 'snat' };
    case 'NOTRACK':
      return { do: 'notrack' };
    case 'CT':
      return rest.includes('--notrack') ? { do: 'notrack' } : null;
    case 'DNAT':
      return dnat(argumentOf('--to-destination') ?? '');
    case 'REDIRECT': {
      const port = argumentOf('--to-ports');
      return { do: 'redirect', port: wholeNumber(port), unsure: port !== null && wholeNumber(port) === null };
    }
    case 'MARK':
      return { do: 'mark', to: markOf(argumentOf('--set-xmark')) };
    default:
      if (SILENT.has(target)) return null;
      return UNKNOWN.has(target)
        ? { do: 'unknown', text: ['-j', target, ...rest].join(' ') }
        : { do: 'jump', chain: target };
  }
}

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,5}$/.test(text) ? Number(text) : null;

/** `172.17.0.2:80`, `[fd00::2]:80`, `172.17.0.2`, `:8080`; ranges are one of several. */
function dnat(to: string): Effect {
  const [, bracketed, plain, , port] =
    /^(?:\[([^\]]+)\]|([0-9.]*|[0-9a-fA-F]*:[0-9a-fA-F:]*))(:(\d+))?$/.exec(to) ?? [];
  const whole = hexOf(to) === null ? null : to;
  const address = whole ?? bracketed ?? (plain === '' ? null : (plain ?? null));
  const isKnown = whole !== null || (address === null ? port !== undefined : hexOf(address) !== null);
  if (!isKnown) return { do: 'dnat', address: null, port: null, unsure: true };
  return { do: 'dnat', address, port: whole === null ? wholeNumber(port ?? null) : null, unsure: false };
}

/** `0x1/0xff`: mark = (mark & ~0xff) ^ 0x1 */
function markOf(value: string | null): { keep: number; xor: number } | null {
  const [xor, mask = 0xffff_ffff] = (value ?? '').split('/').map(Number);
  if (xor === undefined || value === null || Number.isNaN(xor) || Number.isNaN(mask)) return null;
  return { keep: ~mask >>> 0, xor };
}
