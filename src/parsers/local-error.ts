/** An error of this machine's own stack that a tool printed instead of, or among, its results. */
export interface LocalError {
  errno: string;
  text: string;
}

/** strerror() of glibc, musl, BSD and macOS under LC_ALL=C. */
const ERRNO: readonly [RegExp, string][] = [
  [/Operation not permitted/i, 'EPERM'],
  [/Permission denied|Do you want to ping broadcast/i, 'EACCES'],
  [/Network is unreachable|Network unreachable/i, 'ENETUNREACH'],
  [/No route to host|Host is unreachable/i, 'EHOSTUNREACH'],
  [/Host is down/i, 'EHOSTDOWN'],
  [/Network is down/i, 'ENETDOWN'],
  [/Invalid argument/i, 'EINVAL'],
  [/Cannot assign requested address|Can't assign requested address/i, 'EADDRNOTAVAIL'],
  [/Address family not supported/i, 'EAFNOSUPPORT'],
  [/No buffer space available/i, 'ENOBUFS'],
  [/Message too long/i, 'EMSGSIZE'],
  // Windows ping: no route, or a local filter.
  [/General failure|Allgemeiner Fehler|Défaillance générale|Error general/i, 'UNKNOWN'],
  // tcptraceroute does not say why; in the lab it was EPERM of the local firewall.
  [/libnet_write failed|^\s*\d+:\s+send failed/i, 'UNKNOWN'],
  // BSD and macOS say the reason in a line of its own.
  [/\bwrote \S+ \d+ chars, ret=/i, 'UNKNOWN'],
];

/** The call that failed must be named, so that no host name or banner is taken for an error. */
const CALL =
  /\b(connect|send|sending packet|sendmsg|sendto|bind|route get|udp socket connect failed|libnet_write|transmit failed|send failed|socket(?=: Address family)|broadcast|remote host|wrote \S+ \d+ chars)\b/i;

export function localErrorOf(line: string): LocalError | null {
  if (line.length > 500 || !CALL.test(line)) return null;
  const found = ERRNO.find(([pattern]) => pattern.test(line));
  return found === undefined ? null : { errno: found[1], text: line.trim() };
}

const NOT_PERMITTED =
  /are you root|got root|enough privileges|cap_net_raw|lacking privilege|must be root|(raw|icmp|recv|IPv[46])? ?sockets?: (Operation not permitted|Permission denied)|(open|start).*(socket|mtr-packet)|requires? (root|administrator)/i;

/** The tool may not open the sockets that it needs: that says nothing about the network. */
export function notPermitted(text: string): string | null {
  for (const line of text.slice(0, 4000).split('\n')) {
    if (line.length <= 500 && NOT_PERMITTED.test(line)) return line.trim();
  }
  return null;
}
