import type { TalkEnd, TlsData } from '../../model/measured.ts';
import type { ParsedPing } from '../../parsers/ping.ts';
import type { Told } from '../../parsers/transcripts/told.ts';
import { SILENT_HTTP, SILENT_TLS } from '../probes/service/silence.ts';

/** A statement of one kind. */
export type Said<K extends Told['says']['kind']> = Told & { says: Extract<Told['says'], { kind: K }> };
export const ofKind = <K extends Told['says']['kind']>(told: readonly Told[], kind: K): Said<K>[] =>
  told.filter((one): one is Said<K> => one.says.kind === kind);

export const NO_CERTIFICATE = {
  trustCode: null,
  alert: null,
  version: null,
  subject: null,
  issuer: null,
  notBefore: null,
  notAfter: null,
} as const;

/** What nobody has told. */
export const NO_TLS: TlsData = { ...SILENT_TLS, ended: null };

/** The certificate as far as it was told: a certificate without a date is none. */
export function certificateOf({ says }: Said<'tls'> | Said<'http'>): TlsData['chain'] {
  if (says.kind !== 'tls' || (says.notAfter === null && says.notBefore === null)) return [];
  const { subject, issuer, notBefore, notAfter } = says;
  return [
    {
      subject: subject ?? 'not told',
      issuer: issuer ?? 'not told',
      names: [],
      notBefore,
      notAfter,
      selfSigned: false,
    },
  ];
}

/** An answer in HTTP of which the status alone was told; null = there was none. */
export function httpData(one: Said<'http'> | null) {
  return {
    ...SILENT_HTTP,
    ended: 'answered' as TalkEnd,
    method: 'GET' as const,
    status: one?.says.status ?? null,
    reason: one?.says.reason ?? null,
  };
}

export function pingOutcome(ping: ParsedPing): 'replies' | 'unreachable' | 'local-error' | 'no-reply' {
  if (ping.received > 0) return 'replies';
  if (ping.errors.length > 0) return 'unreachable';
  return ping.localError !== null ? 'local-error' : 'no-reply';
}
