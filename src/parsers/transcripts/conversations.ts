import type { Protocol } from '../../model/measured.ts';
import type { Saying } from './told.ts';

/** What a line says of a conversation on a connection that stands; null where it says nothing of one. */
export function conversationIn(line: string): Saying | null {
  return tlsIn(line) ?? sshIn(line) ?? httpIn(line) ?? greetingIn(line) ?? cutIn(line);
}

type Tls = Extract<Saying, { kind: 'tls' }>;
const tls = (outcome: Tls['outcome'], more: Partial<Tls> = {}): Tls => {
  return {
    kind: 'tls',
    outcome,
    trustCode: null,
    alert: null,
    version: null,
    subject: null,
    issuer: null,
    notBefore: null,
    notAfter: null,
    ...more,
  };
};

/** Lines about a certificate that openssl s_client and curl -v print around their verdict. */
export function certificateIn(
  line: string,
): Partial<Pick<Tls, 'subject' | 'issuer' | 'notBefore' | 'notAfter'>> {
  const date = (text: string | undefined): string | null => {
    const at = text === undefined ? Number.NaN : Date.parse(text.trim());
    return Number.isNaN(at) ? null : new Date(at).toISOString();
  };
  const subject = /^(?:\*\s{1,4}subject: ?|subject ?= ?|depth=0 )(.{1,300})$/.exec(line)?.[1]?.trim();
  const issuer = /^(?:\*\s{1,4}issuer: ?|issuer ?= ?)(.{1,300})$/.exec(line)?.[1]?.trim();
  const notBefore = date(/(?:NotBefore: ?|start date: ?)([^;]{8,40}?)(?:;|$)/i.exec(line)?.[1]);
  const notAfter = date(/(?:NotAfter[:=] ?|expire date: ?)([^;]{8,40}?)(?:;|$)/i.exec(line)?.[1]);
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(notBefore === null ? {} : { notBefore }),
    ...(notAfter === null ? {} : { notAfter }),
  };
}

/** X509_V_ERR_*: the number that openssl prints, and the name that Node prints. */
const VERDICTS: Readonly<Record<string, string>> = {
  '9': 'CERT_NOT_YET_VALID',
  '10': 'CERT_HAS_EXPIRED',
  '18': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  '19': 'SELF_SIGNED_CERT_IN_CHAIN',
  '20': 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  '21': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
};

const UNTRUSTED: readonly (readonly [RegExp, string])[] = [
  [
    /certificate is not yet valid|not valid before|current time \S+ is before|CERT_NOT_YET_VALID|CertificateNotYetValid|MOZILLA_PKIX_ERROR_NOT_YET_VALID/i,
    'CERT_NOT_YET_VALID',
  ],
  [
    /certificate has expired|certificate expired|CERT_HAS_EXPIRED|ERR_CERT_DATE_INVALID|SEC_ERROR_EXPIRED|CertificateExpired|CertPathValidatorException: validity check|NotTimeValid|SEC_E_CERT_EXPIRED/i,
    'CERT_HAS_EXPIRED',
  ],
  [
    /self[- ]signed certificate in (the )?certificate chain|SELF_SIGNED_CERT_IN_CHAIN/i,
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [
    /self[- ]signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT|MOZILLA_PKIX_ERROR_SELF_SIGNED/i,
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    /UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to verify the first certificate/i,
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
  [
    /unable to get local issuer|signed by unknown authority|PKIX path building failed|ERR_CERT_AUTHORITY_INVALID|SEC_ERROR_UNKNOWN_ISSUER|UntrustedRoot|PartialChain|SEC_E_UNTRUSTED_ROOT|unable to locally verify the issuer/i,
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ],
];

function tlsIn(line: string): Saying | null {
  const numbered = /^(?:verify error:num=|\s*Verify return code: )(\d{1,2})\b/i.exec(line)?.[1];
  if (numbered === '0') return tls('ok');
  if (numbered === '62') return tls('wrong-name');
  const verdict = numbered === undefined ? undefined : VERDICTS[numbered];
  if (verdict !== undefined) return tls('untrusted', { trustCode: verdict });
  if (
    /no alternative certificate subject name|does not match target host|doesn't match|Hostname mismatch|ERR_TLS_CERT_ALTNAME_INVALID|ERR_CERT_COMMON_NAME_INVALID|SSL_ERROR_BAD_CERT_DOMAIN|certificate is (?:not )?valid for .{1,200}, not |No subject alternative (?:DNS )?names? matching|RemoteCertificateNameMismatch|no subject alternative names present|SEC_E_WRONG_PRINCIPAL/i.test(
      line,
    ) &&
    /cert|ssl|tls|subject|hostname/i.test(line)
  )
    return tls('wrong-name');
  const untrusted = UNTRUSTED.find(([pattern]) => pattern.test(line));
  if (untrusted !== undefined) return tls('untrusted', { trustCode: untrusted[1] });
  const alert = /alert number (\d{1,3})\b/i.exec(line)?.[1];
  if (alert !== undefined) return tls('alert', { alert: Number(alert) });
  if (
    /handshake[ _]failure|ERR_SSL_VERSION_OR_CIPHER_MISMATCH|SSL_ERROR_NO_CYPHER_OVERLAP|SSLV3_ALERT_HANDSHAKE_FAILURE/i.test(
      line,
    )
  )
    return tls('alert', { alert: 40 });
  if (/tlsv1 alert protocol version|protocol_version|SSL_ERROR_UNSUPPORTED_VERSION/i.test(line))
    return tls('alert', { alert: 70 });
  if (/unrecognized[_ ]name/i.test(line)) return tls('alert', { alert: 112 });
  if (
    /wrong version number|packet length too long|SSL.{0,60}http request|record layer failure|ERR_SSL_PROTOCOL_ERROR|SSL_ERROR_RX_RECORD_TOO_LONG|first record does not look like a TLS handshake|Unsupported or unrecognized SSL message|unknown protocol|EPROTO/i.test(
      line,
    )
  )
    return tls('not-tls');
  return null;
}

function sshIn(line: string): Saying | null {
  const kinds = {
    'key exchange': 'key exchange',
    'host key': 'host key',
    cipher: 'cipher',
    MAC: 'MAC',
  } as const;
  const none =
    /no matching (key exchange|host key|cipher|MAC)[\w ]{0,20} found\.(?: Their offer: (\S{1,400}))?/.exec(
      line,
    );
  if (none) {
    return {
      kind: 'ssh',
      identification: null,
      noCommon: kinds[none[1] as keyof typeof kinds],
      offered: none[2] ?? null,
    };
  }
  const version = /remote software version (\S{1,200})/.exec(line)?.[1];
  const banner = /^(?:debug1: )?(?:Remote: )?(SSH-[12]\.\d{1,2}-[\x21-\x7e][\x20-\x7e]{0,200})\s*$/.exec(
    line,
  )?.[1];
  const identification = banner ?? (version === undefined ? null : `SSH-2.0-${version}`);
  const isAsked =
    /^(?:\S{1,80}@\S{1,253}'s password:|The authenticity of host |\S{1,80}@\S{1,253}: Permission denied \(|Permission denied \(publickey|Host key verification failed)/.test(
      line,
    );
  return identification !== null || isAsked
    ? { kind: 'ssh', identification, noCommon: null, offered: null }
    : null;
}

function httpIn(line: string): Saying | null {
  const status =
    /^(?:< )?\s{0,4}HTTP\/[\d.]{1,3} (\d{3})(?: ([\x20-\x7e]{0,80}))?/.exec(line) ??
    /awaiting response\.\.\. (\d{3}) ([\x20-\x7e]{0,80})/.exec(line) ??
    /requested URL returned error: (\d{3})\b(.{0,0})/.exec(line) ??
    /\b(\d{3}) (?:Server|Client) Error: ([\x20-\x7e]{0,80}) for url/.exec(line);
  return status ? { kind: 'http', status: Number(status[1]), reason: (status[2] ?? '').trim() } : null;
}

const GREETINGS: readonly (readonly [RegExp, Protocol | null])[] = [
  [/\bFATAL:\s{1,4}([\x20-\x7e\u00a0-\uffff]{3,200})/, 'postgresql'],
  [/^ERROR (?:1040|1129|1130|1203|1045|1226)\b[^:]{0,20}: ([\x20-\x7e]{3,200})/, 'mysql'],
  [
    /^\(?(?:error\)? )?-?((?:DENIED Redis is running|NOAUTH|LOADING Redis|ERR max number of clients)[\x20-\x7e]{0,200})/,
    'redis',
  ],
  [/^((?:220|421|554)[ -][\x20-\x7e]{2,200}(?:SMTP|mail)[\x20-\x7e]{0,100})/i, 'smtp'],
  [/^((?:554|421) [\x20-\x7e]{2,200})/, 'smtp'],
  [/^(\* OK [\x20-\x7e]{0,200})/, 'imap'],
  [/^(\+OK [\x20-\x7e]{0,200})/, 'pop3'],
];

function greetingIn(line: string): Saying | null {
  for (const [pattern, protocol] of GREETINGS) {
    const text = pattern.exec(line)?.[1];
    if (text !== undefined) return { kind: 'greeting', protocol, text: text.trim() };
  }
  return null;
}

function cutIn(line: string): Saying | null {
  if (
    /banner exchange|TLS handshake timeout|SSL connection timeout|read timed out|ReadTimeout|with 0 (?:out of \d+ )?bytes received|Timed out waiting for (?:SSL|initial)|communication packet', system error: (?:110|60|10060)\b/i.test(
      line,
    )
  )
    return { kind: 'cut', ended: 'stalled' };
  if (
    /write:errno=104|communication packet', system error: (?:104|54|10054)\b|PR_CONNECT_RESET_ERROR|SSL_ERROR_SYSCALL.{0,40}(?:104|10054|54)\b/.test(
      line,
    )
  )
    return { kind: 'cut', ended: 'reset' };
  if (
    /Connection closed by|server closed the connection unexpectedly|Empty reply from server|ERR_EMPTY_RESPONSE|ERR_CONNECTION_CLOSED|PR_END_OF_FILE_ERROR|unexpected eof while reading|EOF occurred in violation|SSL_ERROR_SYSCALL|socket hang up|write:errno=0|Remote end closed connection without response|reading initial communication packet|Server closed the connection|Connection to host lost|: EOF$|Connection closed without response|Remote host terminated the handshake/i.test(
      line,
    )
  )
    return { kind: 'cut', ended: 'closed' };
  return null;
}
