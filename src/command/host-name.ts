import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';
import { usageError as error, shown, type UsageError } from './usage-error.ts';

/** A zone as it stands in a URL (RFC 6874), `fe80::1%25eth0`, as everyone else writes it. */
export const withoutZoneEscape = (text: string): string => text.replace(/%25(?=.)/, '%');

/**
 * A host name or address in the form that `Target.host` has. `port` is what stood after it, for the example in the sentence.
 * The trailing dot of a fully qualified name is dropped: TLS (RFC 6066) and HTTP do not know it.
 */
export function parseHost(input: string, port: string | null = null): string | UsageError {
  const suffix = port === null || !/^\d{1,5}$/.test(port) ? ':443' : `:${port}`;
  const text = input.trim();
  if (text === '') return error(`The host is missing: write it before the port, as in example.com${suffix}.`);
  const v6 = withoutZoneEscape(text.replace(/^\[(.*)\]$/, '$1'));
  if (v6.includes(':') && isIPv6(v6)) return parseIPv6(v6, suffix);
  if (text.startsWith('-')) {
    return error(`A host cannot begin with "-": ${shown(text)}; write it as in example.com${suffix}.`);
  }
  if (text.includes('*')) {
    return error(
      `${shown(text)} has a wildcard in it, and one host is diagnosed: write its full name, as in www.example.com${suffix}.`,
    );
  }
  if (text.includes('%')) {
    return error(
      `${shown(text)} has a "%" in it, which only the zone of an IPv6 address has: write it as in [fe80::1%eth0]${suffix}.`,
    );
  }
  const ascii = /^[\x21-\x7e]+$/.test(text) ? text.toLowerCase() : domainToASCII(text);
  if (ascii === '') {
    return error(`${shown(text)} is not a name that DNS can hold: write it as in example.com${suffix}.`);
  }
  const name = ascii.replace(/\.$/, '');
  if (isIPv4(name)) return parseIPv4(name, suffix);
  return wrongNumbers(name, suffix) ?? wrongName(name, text, suffix) ?? name;
}

function parseIPv4(address: string, suffix: string): string | UsageError {
  const first = Number(address.split('.')[0]);
  if (first === 0) {
    return error(
      `${address} stands for "any address of this machine" and is no destination: write 127.0.0.1${suffix} for this machine.`,
    );
  }
  if (first >= 224) {
    return error(
      `${address} is a multicast, reserved or broadcast address, which TCP cannot connect to: write the address of one host, as in 192.0.2.7${suffix}.`,
    );
  }
  return address;
}

function parseIPv6(text: string, suffix: string): string | UsageError {
  const [literal = '', zone = null] = text.split('%');
  const address = new SocketAddress({ address: literal, family: 'ipv6' }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return parseIPv4(mapped, suffix);
  if (address === '::') {
    return error(
      `:: stands for "any address of this machine" and is no destination: write [::1]${suffix} for this machine.`,
    );
  }
  if (/^ff/.test(address)) {
    return error(
      `${address} is a multicast address, which TCP cannot connect to: write the address of one host, as in [2001:db8::7]${suffix}.`,
    );
  }
  const linkLocal = /^fe[89ab][0-9a-f]:/.test(address);
  if (zone === null && linkLocal) {
    return error(
      `${address} is a link-local address and means something else on each interface: add the interface, as in [${address}%eth0]${suffix}.`,
    );
  }
  if (zone !== null && !/^[a-z0-9][a-z0-9._-]{0,31}$/i.test(zone)) {
    return error(`${shown(zone)} is not the name of an interface: write it as in [fe80::1%eth0]${suffix}.`);
  }
  return zone === null || !linkLocal ? address : `${address}%${zone}`;
}

/** What inet_aton reads as an address and every second program reads differently. */
function wrongNumbers(name: string, suffix: string): UsageError | null {
  const parts = name.split('.');
  const last = parts.at(-1) ?? '';
  if (!/^(\d+|0x[0-9a-f]*)$/.test(last)) return null;
  const example = `as in 192.0.2.7${suffix}`;
  if (parts.some((part) => /^0x/.test(part))) {
    return error(
      `${shown(name)} is an IPv4 address in hexadecimal: write its four numbers in decimal, ${example}.`,
    );
  }
  if (!parts.every((part) => /^\d+$/.test(part))) {
    return error(
      `${shown(name)} ends in a number and is still no IPv4 address: write a name or four numbers, ${example}.`,
    );
  }
  if (parts.length === 1) {
    return error(
      `${shown(name)} is a number and not a host: write a host and a port, as in example.com${/^[1-9]\d{0,4}$/.test(name) && Number(name) <= 65535 ? `:${name}` : suffix}.`,
    );
  }
  if (parts.length !== 4) {
    return error(
      `${shown(name)} has ${parts.length} numbers and an IPv4 address has four: write all of them, ${example}.`,
    );
  }
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    return error(
      `${shown(name)} has a number that begins with 0, which some programs read as octal: write it in decimal without leading zeros, ${example}.`,
    );
  }
  return error(`${shown(name)} has a number above 255: write four numbers from 0 to 255, ${example}.`);
}

/** RFC 1035 and 1123, and underscores, which resolvers accept and people use inside their networks. */
function wrongName(name: string, typed: string, suffix: string): UsageError | null {
  const example = `as in www.example.com${suffix}`;
  if (name.length > 253) {
    return error(
      `The host name has ${name.length} characters and DNS allows 253: write a shorter one, ${example}.`,
    );
  }
  for (const label of name.split('.')) {
    if (label === '')
      return error(`${shown(typed)} has an empty part between two dots: write it ${example}.`);
    if (label.length > 63) {
      return error(
        `A part of the host name, ${shown(label)}, has ${label.length} characters and DNS allows 63: write a shorter one, ${example}.`,
      );
    }
    const stranger = /[^a-z0-9_-]/.exec(label);
    if (stranger) {
      return error(
        `${shown(typed)} has the character ${shown(stranger[0])}, which no host name has: write it ${example}.`,
      );
    }
    if (label.startsWith('-') || label.endsWith('-')) {
      return error(
        `A part of a host name, ${shown(label)}, begins or ends with a hyphen: write it ${example}.`,
      );
    }
  }
  return null;
}
