import type { ServiceWord } from '../model/measured.ts';

/**
 * The start of an SSH connection (RFC 4253 sections 4.2 and 7.1):
 *
 *   SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n
 *   uint32 length, octet padding, octet 20 (KEXINIT), 16 octets cookie, ten comma-separated name lists ...
 */

/** What a current OpenSSH client (9.x, `ssh -G`) offers by default; a server without any of one kind cannot be used by it. */
const CLIENT = {
  'key exchange': [
    'mlkem768x25519-sha256',
    'sntrup761x25519-sha512',
    'sntrup761x25519-sha512@openssh.com',
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  'host key': [
    'ssh-ed25519-cert-v01@openssh.com',
    'ecdsa-sha2-nistp256-cert-v01@openssh.com',
    'ecdsa-sha2-nistp384-cert-v01@openssh.com',
    'ecdsa-sha2-nistp521-cert-v01@openssh.com',
    'rsa-sha2-512-cert-v01@openssh.com',
    'rsa-sha2-256-cert-v01@openssh.com',
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'sk-ssh-ed25519@openssh.com',
    'sk-ecdsa-sha2-nistp256@openssh.com',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: [
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
  ],
  MAC: [
    'umac-64-etm@openssh.com',
    'umac-128-etm@openssh.com',
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'umac-64@openssh.com',
    'umac-128@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
  ],
  compression: ['none', 'zlib@openssh.com', 'zlib'],
} as const;

export type AlgorithmKind = keyof typeof CLIENT;

/** The server's lists, in its order. Ciphers and MACs are those from client to server. */
export type SshOffer = Readonly<Record<AlgorithmKind, readonly string[]>>;

/** The identification line without its line end; null where none has arrived whole. Lines before it are allowed (RFC 4253 4.2). */
export function parseSshIdentification(
  bytes: Uint8Array,
): { line: string; before: string; end: number } | null {
  const buffer = Buffer.from(bytes);
  let start = 0;
  while (start < buffer.length) {
    const newline = buffer.indexOf(10, start);
    if (newline < 0) return null;
    if (buffer.subarray(start, start + 4).toString('latin1') === 'SSH-') {
      const line = buffer.subarray(start, newline).toString('latin1').replace(/\r$/, '').slice(0, 255);
      return { line, before: buffer.subarray(0, start).toString('latin1'), end: newline + 1 };
    }
    start = newline + 1;
  }
  return null;
}

/** `1.5` of a server that knows no version 2; null of one that does (2.0, and 1.99: RFC 4253, 5.1). */
export function versionBelow2(line: string): string | null {
  const version = /^SSH-(\d{1,3}\.\d{1,3})-/.exec(line)?.[1];
  return version === undefined || version === '1.99' || Number(version) >= 2 ? null : version;
}

/** The offer in a KEXINIT packet; null while incomplete or where it is something else. */
export function parseKexInit(bytes: Uint8Array): SshOffer | null {
  const buffer = Buffer.from(bytes);
  if (buffer.length < 6) return null;
  const packetLength = buffer.readUInt32BE(0);
  // RFC 4253 6.1: 35000 octets is what everybody must be able to take.
  if (packetLength > 35_000 || buffer.length < 4 + packetLength || buffer[5] !== 20) return null;
  const lists: string[][] = [];
  let at = 22;
  while (lists.length < 8) {
    if (at + 4 > buffer.length) return null;
    const length = buffer.readUInt32BE(at);
    if (at + 4 + length > 4 + packetLength) return null;
    lists.push(
      buffer
        .subarray(at + 4, at + 4 + length)
        .toString('latin1')
        .split(',')
        .filter((name) => name !== ''),
    );
    at += 4 + length;
  }
  return {
    'key exchange': lists[0]!,
    'host key': lists[1]!,
    cipher: lists[2]!,
    MAC: lists[4]!,
    compression: lists[6]!,
  };
}

/** The first kind of algorithm that a current client shares nothing of with the server; null = all is well. */
export function noCommonAlgorithm(offer: SshOffer): AlgorithmKind | null {
  for (const kind of Object.keys(CLIENT) as AlgorithmKind[]) {
    // AEAD ciphers bring their own MAC.
    const cipher = CLIENT.cipher.find((name) => offer.cipher.includes(name));
    if (kind === 'MAC' && cipher !== undefined && /poly1305|gcm/.test(cipher)) continue;
    if (!CLIENT[kind].some((name) => offer[kind].includes(name))) return kind;
  }
  return null;
}

/**
 * What an SSH server says instead of its identification before it hangs up:
 *
 *   Exceeded MaxStartups        Not allowed at this time        refused connect from 192.0.2.7
 */
export function sshRefusal(text: string): ServiceWord {
  const means = /exceeded|too many|maxstartups/i.test(text)
    ? 'limit'
    : /not allowed|refused|denied|forbidden|banned/i.test(text)
      ? 'denied'
      : 'failed';
  return { means, code: null, text };
}
