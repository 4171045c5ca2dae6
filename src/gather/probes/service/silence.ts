import type { HttpData, SpokenData, TlsData } from '../../../model/measured.ts';

/** What is known of a conversation that has been silent so far, and is still open. */
export const SILENT: SpokenData = {
  firstByteMs: null,
  ended: 'stalled',
  heard: null,
  text: null,
  word: null,
  tlsOffered: null,
};

export const SILENT_HTTP: HttpData = {
  ended: 'stalled',
  method: 'HEAD',
  status: null,
  reason: null,
  location: null,
  server: null,
  date: null,
  proxyAuthenticate: null,
  via: null,
  clockOffsetMs: null,
  otherText: null,
  otherProtocol: null,
  firstByteMs: null,
};

export const SILENT_TLS: TlsData = {
  sni: null,
  ended: 'stalled',
  version: null,
  cipher: null,
  alpn: null,
  chain: [],
  trustCode: null,
  trustedBy: null,
  issuerKnown: null,
  expectedName: null,
  nameMatches: null,
  alert: null,
  localError: null,
  certificateRequested: null,
  legacy: null,
  legacyAsked: false,
  plainText: null,
  plainProtocol: null,
  handshakeMs: null,
};
