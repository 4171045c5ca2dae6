import { isIPv4, isIPv6 } from 'node:net';
import { bracketed } from '../ground/address.ts';
import { bareUrl } from '../ground/bare-url.ts';
import { nearest } from '../ground/nearest.ts';
import { type Service, serviceNames, serviceOfScheme, serviceOnPort } from '../ground/services.ts';
import type { Target } from '../model/request.ts';
import { parseHost, withoutZoneEscape } from './host-name.ts';
import { parsePort, parseService } from './port.ts';
import { usageError as error, isUsageError, shown, type UsageError } from './usage-error.ts';

export interface TargetOptions {
  /** --port: a number or a service name. */
  port?: string | undefined;
  /** --service. */
  service?: string | undefined;
}

const MAX_INPUT = 2048;

/**
 * What the user typed -> Target. Takes `host:port`, `192.0.2.7:443`, `[2001:db8::7]:443`, `scheme://host[:port]/path`,
 * `host:service`, and a host alone when `options` say the port.
 * Names become lower-case ASCII (IDNA, UTS 46) without the trailing dot; IPv6 literals are canonical (RFC 5952), keep
 * their zone, and turn into IPv4 where they are IPv4-mapped, since that is what goes over the wire.
 */
export function parseTarget(input: string, options: TargetOptions = {}): Target | UsageError {
  const text = withoutUser(input.trim());
  const wrong = findWrongShape(text);
  if (wrong !== null) return wrong;

  const named = options.service === undefined ? null : parseService(options.service);
  if (isUsageError(named)) return named;
  const chosen = options.port === undefined ? null : parsePort(options.port, '--port');
  if (isUsageError(chosen)) return chosen;

  const parts = text.includes('://')
    ? splitUrl(text)
    : splitHostPort(text, chosen !== null || named !== null);
  if (isUsageError(parts)) return parts;
  const host = parseHost(parts.host, parts.port ?? usualPort(parts.service ?? named, chosen));
  if (isUsageError(host)) return host;

  const written = parts.port === null ? null : parsePort(parts.port, text);
  if (isUsageError(written)) return written;
  if (written !== null && chosen !== null && written.port !== chosen.port) {
    return error(`The target says port ${written.port} and --port says ${chosen.port}: give one of them.`);
  }
  const service = named ?? parts.service ?? written?.service ?? chosen?.service ?? null;
  const port = written?.port ?? chosen?.port ?? parts.service?.port ?? named?.port ?? null;
  if (port === null) {
    const example = bracketed(host);
    return error(`${shown(text)} has no port: write ${example}:443, or add --port 443 or --service https.`);
  }
  return {
    input: bareUrl(text),
    host,
    port,
    service: service?.name ?? serviceOnPort(port)?.name ?? null,
    serviceNamed: service !== null,
    path: parts.path,
    ...(text.includes('://') && demandsTls(text) ? { tlsRequired: true } : {}),
  };
}

/** PostgreSQL's sslmode, MySQL's ssl-mode and sslMode, MongoDB's tls: of what the query says nothing else is kept. */
function demandsTls(url: string): boolean {
  if (/^https?:/i.test(url)) return false;
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  return query
    .split(/[&;]/)
    .some((one) =>
      /^(ssl-?mode=(require|verify[-_](ca|full|identity))(d)?|(tls|ssl|useSSL|requireSSL)=true)$/i.test(
        one.trim(),
      ),
    );
}

/** For the example in a sentence: the port that is meant where none is written. */
const usualPort = (service: Service | null, chosen: { port: number } | null): string | null => {
  const port = chosen?.port ?? service?.port;
  return port === undefined ? null : String(port);
};

/** The same target as one word that `parseTarget` takes: `host:443`, `[2001:db8::7]:443`. */
export function hostPort(target: { host: string; port: number }): string {
  return `${bracketed(target.host)}:${target.port}`;
}

// ---------------------------------------------------------------- the shape of the whole

function findWrongShape(text: string): UsageError | null {
  if (text === '') return error('The target is empty: write a host and a port, as in example.com:443.');
  if (/[\x00-\x1f\x7f-\x9f]/.test(text)) {
    return error(`The target has a control character in it: ${shown(text)}; write it as in example.com:443.`);
  }
  if (text.length > MAX_INPUT) {
    return error(
      `The target is ${text.length} characters long, more than the ${MAX_INPUT} that any address needs: write a host and a port, as in example.com:443.`,
    );
  }
  if (text.startsWith('-')) {
    return error(
      `A target cannot begin with "-", which is how an option begins: ${shown(text)}; write a host and a port, as in example.com:443.`,
    );
  }
  if (/[,;]/.test(text.split(/[/?#]/, 1)[0] ?? '')) {
    return error(`${shown(text)} looks like several targets: give one at a time, as in example.com:443.`);
  }
  const telnet = /^(\S+)\s+(\d{1,5})$/.exec(text);
  if (telnet && !/[:@]/.test(telnet[1] ?? '')) {
    return error(`Host and port are joined by a colon, not by a space: write ${telnet[1]}:${telnet[2]}.`);
  }
  if (/\s/.test(text)) {
    return error(`${shown(text)} has a space in it: give one target without spaces, as in example.com:443.`);
  }
  if (/^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/.test(text)) {
    return error(`${shown(text)} has quotation marks in it: leave them out, as in example.com:443.`);
  }
  return null;
}

/** `ssh://git@host`, `mysql://app:secret@db`, as settings have them: who logs in is not asked for, and kept nowhere. */
const withoutUser = (text: string): string =>
  text.replace(/^((?:jdbc:)?[a-z][a-z0-9+.-]*:\/\/)([^/?#\\\s]*)@(?=[^/?#\\@\s]+(?:[/?#]|$))/i, '$1');

interface Parts {
  host: string;
  port: string | null;
  service: Service | null;
  path: string;
}

/** By hand and not by URL, which would read https://0177.0.0.1 as 127.0.0.1 and drop a default port. */
function splitUrl(text: string): Parts | UsageError {
  const match = /^(?:jdbc:)?([a-z][a-z0-9+.-]*):\/\/([^/?#\\]*)(.*)$/i.exec(text);
  if (match === null) {
    return error(`${shown(text)} is not a URL: write it as in https://example.com/path.`);
  }
  const [, scheme = '', authority = '', rest = ''] = match;
  const service = serviceOfScheme(scheme);
  if (/^(udp|quic|dtls)$/i.test(scheme)) {
    return error(
      `${scheme.toUpperCase()} is not TCP, and only TCP tells whether a port is open: write ${safeHost(authority)} to test the same port over TCP.`,
    );
  }
  if (service === null && !/^tcp$/i.test(scheme)) {
    const guess =
      nearest(
        scheme,
        serviceNames().filter((name) => serviceOfScheme(name) !== null),
      ) ?? 'https';
    return error(
      `The scheme ${shown(scheme)} is not known: write ${guess}://HOST, or HOST:PORT as in example.com:443.`,
    );
  }
  // A password with a slash in it ends the authority early; what stands after its colon must not be quoted as a port.
  const secretWithSlash = rest.includes('@') && /:(?!\d*$)/.test(authority);
  if (secretWithSlash) {
    return error(
      `A user name or password does not belong in the target: write ${scheme.toLowerCase()}://${safeHost(hostAfterAt(rest))}.`,
    );
  }
  if (authority === '') {
    return error(`${shown(text)} has no host: write it as in ${scheme.toLowerCase()}://example.com.`);
  }
  const parts = splitHostPort(authority, true);
  if (isUsageError(parts)) return parts;
  return { ...parts, service, path: pathOf(rest) };
}

/** `authority` without its brackets and port; `portKnown` = a bare IPv6 address is all host, not host and port. */
function splitHostPort(text: string, portKnown: boolean): Parts | UsageError {
  const parts = (host: string, port: string | null): Parts => ({ host, port, service: null, path: '/' });
  if (text.includes('@')) {
    return error(
      `A user name does not belong in the target: write only what follows the "@", as in ${safeHost(hostAfterAt(text))}.`,
    );
  }
  if (/[/\\?#]/.test(text)) return wrongSlash(text);
  if (text.startsWith('[')) {
    const match = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
    if (match === null) {
      return error(`${shown(text)} has brackets in the wrong place: write it as in [2001:db8::7]:443.`);
    }
    const inside = match[1] ?? '';
    if (inside === '')
      return error('The brackets are empty: write an IPv6 address in them, as in [2001:db8::7]:443.');
    if (!isIPv6(withoutZoneEscape(inside))) {
      const instead = isIPv4(inside) ? `${inside}:${match[2] || 443}` : 'example.com:443';
      return error(
        `Brackets are for IPv6 addresses and ${shown(inside)} is none: write [2001:db8::7]:443, or ${instead} without brackets.`,
      );
    }
    return parts(inside, match[2] ?? null);
  }
  if (/[[\]]/.test(text)) {
    return error(`${shown(text)} has brackets in the wrong place: write it as in [2001:db8::7]:443.`);
  }
  const colons = text.split(':').length - 1;
  if (colons < 2) {
    const [host = '', port = null] = text.split(':');
    return parts(host, port);
  }
  return splitBareIPv6(text, portKnown) ?? twoColons(text);
}

/** `2001:db8::7:443` is an address of its own, so a port after it cannot be told from its last group. */
function splitBareIPv6(text: string, portKnown: boolean): Parts | UsageError | null {
  const bare = withoutZoneEscape(text);
  const cut = bare.lastIndexOf(':');
  const head = bare.slice(0, cut);
  const tail = bare.slice(cut + 1);
  const tailIsPort = /^[1-9]\d{0,4}$/.test(tail) && Number(tail) <= 65535;
  if (isIPv6(bare) && (portKnown || !(tailIsPort && isIPv6(head)))) {
    return { host: bare, port: null, service: null, path: '/' };
  }
  if (isIPv6(head) && tailIsPort) {
    const whole = isIPv6(bare) ? `, or [${bare}]:443 when "${tail}" belongs to the address` : '';
    return error(
      `An IPv6 address needs brackets before a port, since both are written with colons: write [${head}]:${tail}${whole}.`,
    );
  }
  return null;
}

function twoColons(text: string): UsageError {
  if (
    /^[0-9a-f:.%\w]+$/i.test(text) &&
    /^[0-9a-f]*:[0-9a-f]*:/i.test(text) &&
    !/[g-z]/i.test(text.split('%')[0] ?? '')
  ) {
    return error(`${shown(text)} is not a whole IPv6 address: write it as in [2001:db8::7]:443.`);
  }
  return error(`${shown(text)} has more than one colon: write a host and one port, as in example.com:443.`);
}

function wrongSlash(text: string): UsageError {
  const [before = '', after = ''] = text.split(/[/\\?#]/, 2);
  if (/^\d{1,3}$/.test(after) && (isIPv4(before) || isIPv6(before))) {
    return error(
      `${shown(text)} is a network, and one host is diagnosed at a time: write it as in ${bracketed(before)}:443.`,
    );
  }
  const guess = before === '' ? 'https://example.com/path' : `https://${safeHost(before)}/`;
  return error(
    `${shown(text)} has a path and no scheme: write ${guess}, or a host and a port, as in example.com:443.`,
  );
}

/** What stands between the last @ and the next slash; nothing where the @ may belong to a query or fragment. */
const hostAfterAt = (text: string): string =>
  /[?#].*@/s.test(text) ? '' : (text.slice(text.lastIndexOf('@') + 1).split(/[/?#]/, 1)[0] ?? '');

/** A host and port to show as a suggestion: only when it would be accepted. */
function safeHost(text: string): string {
  const parts = /^[a-z0-9.:[\]-]{1,80}$/i.test(text) ? text : 'example.com:443';
  return /^[a-z0-9[]/i.test(parts) ? parts : 'example.com:443';
}

/** Without query and fragment: they are never sent and never kept, since they may hold tokens. */
function pathOf(rest: string): string {
  const path = rest.split(/[?#]/, 1)[0] ?? '';
  return path === '' ? '/' : new URL(`http://host${path.replaceAll('\\', '/')}`).pathname;
}
