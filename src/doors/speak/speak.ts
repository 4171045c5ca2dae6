import { X509Certificate } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import {
  checkServerIdentity,
  createSecureContext,
  type DetailedPeerCertificate,
  type PeerCertificate,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls';
import type {
  Conversation,
  Heard,
  PeerCertificateData,
  Speak,
  SpeakTo,
  Spoken,
  TlsOffer,
  TlsResult,
} from '../types.ts';

/** Whatever is asked for: nobody is listened to for longer. On a path of 1.5 s the longest conversation wants this much. */
const MAX_TIME_MS = 16_000;
const MAX_BYTES = 65_536;
const MAX_SEEN = 16_384;
const MAX_CHAIN = 8;
const MAX_NAMES = 50;

type End = 'closed' | 'reset' | 'flooded';

/** Collects what a stream brings, up to a limit, and wakes whoever waits for it. */
class Ear {
  readonly #store: Buffer;
  #used = 0;
  #taken = 0;
  end: End | null = null;
  wake: () => void = () => {};

  constructor(limit: number) {
    this.#store = Buffer.allocUnsafe(limit);
  }

  add(chunk: Buffer): void {
    this.#used += chunk.copy(this.#store, this.#used);
    if (this.#used === this.#store.length) this.finish('flooded');
    this.wake();
  }

  finish(end: End): void {
    this.end ??= end;
    this.wake();
  }

  get unheard(): Buffer {
    return this.#store.subarray(this.#taken, this.#used);
  }

  take(): Buffer {
    const bytes = Buffer.from(this.unheard);
    this.#taken = this.#used;
    return bytes;
  }
}

const isReset = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ECONNABORTED';

/**
 * Stands between the TCP socket and TLS: counts octets, keeps the first of them (node:tls tells neither what came
 * instead of TLS nor the alert's record), and remembers whether the end was a FIN or an RST.
 */
class Wire extends Duplex {
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  readonly #socket: Socket;
  #receivedTotal = 0;
  #sentTotal = 0;
  end_: End | null = null;

  constructor(socket: Socket, limit: number) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.#receivedTotal < MAX_SEEN)
        this.received.push(chunk.subarray(0, MAX_SEEN - this.#receivedTotal));
      this.#receivedTotal += chunk.length;
      if (this.#receivedTotal > limit) {
        this.end_ ??= 'flooded';
        this.destroy();
        return;
      }
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => {
      this.end_ ??= 'closed';
      this.push(null);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.end_ ??= isReset(error) ? 'reset' : 'closed';
      this.destroy(error);
    });
    socket.on('close', () => {
      this.end_ ??= 'closed';
      this.destroy();
    });
    this.on('error', () => {});
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#sentTotal < MAX_SEEN) this.sent.push(chunk.subarray(0, MAX_SEEN - this.#sentTotal));
    this.#sentTotal += chunk.length;
    this.#socket.write(chunk, (error) => done(error));
  }

  override _final(done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/**
 * A conversation over one TCP connection with hard limits on time (3 s), octets (64 KiB) and so memory. The connection
 * is destroyed when `talk` ends, when the limits are reached and when the signal aborts. TLS accepts any
 * certificate here: it is looked at, never trusted with anything.
 */
export const speak: Speak = async <T>(
  to: SpeakTo,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<Spoken<T>> => {
  if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
  const started = performance.now();
  const deadline = started + Math.min(to.timeoutMs, MAX_TIME_MS);
  const maxBytes = Math.min(to.maxBytes, MAX_BYTES);
  const remaining = (wanted: number): number => Math.max(0, Math.min(wanted, deadline - performance.now()));

  const socket = connect({ host: to.address, port: to.port, autoSelectFamily: false, noDelay: true });
  let secure: TLSSocket | null = null;
  let stalled = false;
  const abort = (): void => {
    socket.destroy();
  };
  to.signal.addEventListener('abort', abort, { once: true });
  try {
    const failure = await connected(socket, remaining(MAX_TIME_MS));
    if (to.signal.aborted) return { connected: false, outcome: 'cancelled', code: null };
    if (failure !== null) return { connected: false, ...failure };

    let ear = new Ear(maxBytes);
    let alert: number | null = null;
    listen(socket, ear);
    if (socket.destroyed) ear.finish('reset');
    const conversation: Conversation = {
      connectMs: performance.now() - started,
      say(bytes) {
        const stream = secure ?? socket;
        if (!stream.destroyed && stream.writable) stream.write(bytes);
      },
      async hear(enough, timeoutMs) {
        const heard = await hear(ear, enough, remaining(timeoutMs));
        stalled = heard.ended === 'stalled';
        return heard;
      },
      lateAlert: () => alert,
      async startTls(offer) {
        if (ear.end !== null && ear.unheard.length === 0) return notBegun(ear.end);
        for (const event of ['data', 'end', 'error', 'close']) socket.removeAllListeners(event);
        socket.on('error', () => {});
        const wire = new Wire(socket, MAX_BYTES);
        const handshake = await shakeHands(wire, offer, remaining(offer.timeoutMs));
        secure = handshake.socket;
        stalled = handshake.result.ended === 'stalled';
        ear = new Ear(maxBytes);
        if (handshake.socket !== null) {
          listen(handshake.socket, ear, (error) => {
            alert ??= alertOf(error);
            return wire.end_ ?? 'closed';
          });
          handshake.socket.resume();
        }
        return handshake.result;
      },
    };
    return { connected: true, value: await talk(conversation) };
  } finally {
    to.signal.removeEventListener('abort', abort);
    // A FIN queues behind what was never acknowledged, and the far end would hold the connection for minutes.
    if (stalled) socket.resetAndDestroy();
    (secure as TLSSocket | null)?.destroy();
    socket.destroy();
  }
};

function connected(
  socket: Socket,
  timeoutMs: number,
): Promise<{ outcome: 'refused' | 'unreachable' | 'timeout' | 'local-error'; code: string | null } | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      socket.destroy();
      resolve({ outcome: 'timeout', code: null });
    }, timeoutMs);
    const settle = (value: Parameters<typeof resolve>[0]): void => {
      clearTimeout(timer);
      resolve(value);
    };
    socket.once('connect', () => settle(null));
    socket.once('close', () => settle({ outcome: 'local-error', code: null }));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? null;
      // Accepted and reset before we looked: a refused SYN is ECONNREFUSED.
      if (isReset(error)) settle(null);
      else if (code === 'ECONNREFUSED') settle({ outcome: 'refused', code });
      else if (code === 'ETIMEDOUT') settle({ outcome: 'timeout', code });
      else if (code === 'EMFILE' || code === 'ENFILE' || code === 'EADDRNOTAVAIL')
        settle({ outcome: 'local-error', code });
      else settle({ outcome: 'unreachable', code });
    });
  });
}

function listen(
  stream: Socket | TLSSocket,
  ear: Ear,
  endOf: (error: NodeJS.ErrnoException) => End = (error) => (isReset(error) ? 'reset' : 'closed'),
): void {
  stream.on('data', (chunk: Buffer) => {
    ear.add(chunk);
    if (ear.end === 'flooded') stream.destroy();
  });
  stream.on('end', () => ear.finish('closed'));
  stream.on('error', (error: NodeJS.ErrnoException) => ear.finish(endOf(error)));
  stream.on('close', () => ear.finish('closed'));
}

function hear(ear: Ear, enough: (heard: Uint8Array) => boolean, timeoutMs: number): Promise<Heard> {
  const started = performance.now();
  let firstByteMs: number | null = ear.unheard.length > 0 ? 0 : null;
  return new Promise((resolve) => {
    const settle = (ended: Heard['ended']): void => {
      clearTimeout(timer);
      ear.wake = () => {};
      resolve({ bytes: ear.take(), ended, firstByteMs });
    };
    const timer = setTimeout(() => settle('stalled'), timeoutMs);
    ear.wake = () => {
      if (firstByteMs === null && ear.unheard.length > 0) firstByteMs = performance.now() - started;
      if (ear.unheard.length > 0 && enough(ear.unheard)) settle('enough');
      else if (ear.end !== null) settle(ear.end);
    };
    ear.wake();
  });
}

const notBegun = (ended: End): TlsResult => ({
  ended,
  code: null,
  alert: null,
  version: null,
  cipher: null,
  alpn: null,
  trustCode: null,
  chain: [],
  matches: () => false,
  lookAgain: () => ({ vouched: false, issuerKnown: false }),
  sent: new Uint8Array(),
  received: new Uint8Array(),
  elapsedMs: 0,
});

interface Handshake {
  /** Null unless the handshake succeeded. */
  socket: TLSSocket | null;
  result: TlsResult;
}

function shakeHands(wire: Wire, offer: TlsOffer, timeoutMs: number): Promise<Handshake> {
  let started = performance.now();
  return new Promise((resolve) => {
    let settled = false;
    const settle = (
      ended: TlsResult['ended'],
      socket: TLSSocket | null,
      error: NodeJS.ErrnoException | null,
    ): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      const received = Buffer.concat(wire.received);
      const peer = socket === null ? null : describePeer(socket);
      resolve({
        socket,
        result: {
          ended,
          code: ended === 'failed' ? (error?.code ?? null) : null,
          alert: error === null ? null : alertOf(error),
          version: socket?.getProtocol() ?? null,
          cipher: socket?.getCipher()?.standardName ?? null,
          alpn: socket?.alpnProtocol || null,
          trustCode: socket === null || socket.authorized ? null : codeOf(socket.authorizationError),
          chain: peer?.chain ?? [],
          lookAgain: (bundles) => lookAgain(peer?.raw ?? [], bundles),
          matches: (name) => peer?.leaf != null && checkServerIdentity(name, peer.leaf) === undefined,
          sent: Buffer.concat(wire.sent),
          received,
          elapsedMs: performance.now() - started,
        },
      });
      if (socket === null && ended !== 'stalled') {
        wire.destroy();
        secure?.destroy();
      }
    };
    const timer = setTimeout(() => settle('stalled', null, null), timeoutMs);

    let secure: TLSSocket | null = null;
    const failed = (error: NodeJS.ErrnoException): void => {
      // An error of OpenSSL speaks for itself; anything else is how the connection ended.
      const fromOpenssl =
        error.code?.startsWith('ERR_SSL') === true || error.code?.startsWith('ERR_OSSL') === true;
      settle(fromOpenssl ? 'failed' : (wire.end_ ?? 'failed'), null, error);
    };
    try {
      const secureContext = secureContextOf(offer);
      // Reading the authorities takes as long as a handshake, and is no part of it.
      started = performance.now();
      secure = tlsConnect({
        socket: wire,
        ...(offer.serverName === null || isIP(offer.serverName) !== 0
          ? {}
          : { servername: offer.serverName }),
        ...(offer.alpn.length > 0 ? { ALPNProtocols: offer.alpn } : {}),
        secureContext,
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      });
    } catch (error) {
      // Extra authorities that are no PEM, or OpenSSL without TLS 1.0: nothing is known about the server then.
      settle('failed', null, error as NodeJS.ErrnoException);
      return;
    }
    const socket = secure;
    // One turn later our last flight has been written: what it consists of tells whether a certificate was asked for.
    socket.once('secureConnect', () => setImmediate(() => settle('ok', socket, null)));
    socket.on('error', failed);
    socket.once('close', () => settle(wire.end_ ?? 'closed', null, null));
  });
}

function secureContextOf(offer: TlsOffer): SecureContext {
  const context = createSecureContext(
    offer.legacy
      ? { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }
      : { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
  );
  // node's `ca` option would replace the built-in authorities and NODE_EXTRA_CA_CERTS; this adds to them.
  const native = (context as { context: { addCACert(pem: string): void } }).context;
  for (const pem of offer.extraAuthorities) native.addCACert(pem);
  return context;
}

/** node types `authorizationError` as an Error; it is the code itself. */
function codeOf(authorizationError: unknown): string {
  if (typeof authorizationError === 'string') return authorizationError;
  return (authorizationError as { code?: string } | null)?.code ?? 'UNSPECIFIED';
}

/** The alert in an error of OpenSSL: reason code 1000 + alert (`error:0A000410:SSL routines::...`), or its text. */
function alertOf(error: Error): number | null {
  const text = /SSL alert number (\d{1,3})/.exec(error.message)?.[1];
  if (text !== undefined) return Number(text);
  const reason = /error:0A([0-9A-F]{6}):/i.exec(error.message)?.[1];
  const number = reason === undefined ? 0 : Number.parseInt(reason, 16) - 1000;
  return number >= 0 && number < 256 && reason !== undefined ? number : null;
}

function describePeer(socket: TLSSocket): {
  leaf: PeerCertificate | null;
  chain: PeerCertificateData[];
  raw: Buffer[];
} {
  const leaf = socket.getPeerCertificate(true);
  const chain: PeerCertificateData[] = [];
  const raw: Buffer[] = [];
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = leaf;
  // A self-signed certificate is its own issuer: without `seen` this goes round for ever.
  while (next?.fingerprint256 && !seen.has(next.fingerprint256) && chain.length < MAX_CHAIN) {
    seen.add(next.fingerprint256);
    chain.push(describe(next));
    raw.push(next.raw);
    next = next.issuerCertificate;
  }
  return { leaf: leaf?.fingerprint256 ? leaf : null, chain, raw };
}

/**
 * node trusts Mozilla's authorities; the system's store may know more (a company's own). `vouched` = one of the
 * bundles' authorities signed the end of the chain; `issuerKnown` = some authority has the issuer's organisation, so
 * that the issuer is most likely one of its intermediates and only missing.
 */
function lookAgain(chain: Buffer[], bundles: string[]): { vouched: boolean; issuerKnown: boolean } {
  const certificates = chain.map((raw) => new X509Certificate(raw));
  const last = certificates.at(-1);
  if (last === undefined) return { vouched: false, issuerKnown: false };
  const linked = certificates.every((one, index) => {
    const issuer = certificates[index + 1];
    return issuer === undefined || (one.checkIssued(issuer) && one.verify(issuer.publicKey));
  });
  const organisation = lineOf(last.issuer, 'O');
  const signs = (authority: X509Certificate): boolean =>
    authority.fingerprint256 === last.fingerprint256 ||
    (authority.ca && last.checkIssued(authority) && last.verify(authority.publicKey));
  let vouched = false;
  let issuerKnown = false;
  for (const authority of [...authoritiesIn(bundles.join('\n')), ...builtInAuthorities()]) {
    vouched ||= signs(authority);
    issuerKnown ||= organisation !== null && lineOf(authority.subject, 'O') === organisation;
    if (vouched) break;
  }
  return { vouched: vouched && linked, issuerKnown };
}

function* builtInAuthorities(): Generator<X509Certificate> {
  for (const pem of rootCertificates) yield new X509Certificate(pem);
}

function* authoritiesIn(pem: string): Generator<X509Certificate> {
  for (const match of pem.matchAll(
    /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g,
  )) {
    try {
      yield new X509Certificate(match[0]);
    } catch {
      // A damaged entry in the bundle vouches for nobody; the others still may.
    }
  }
}

/** X509Certificate prints a name as lines `O=Example`. */
function lineOf(name: string, key: string): string | null {
  return (
    name
      ?.split('\n')
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? null
  );
}

function describe(certificate: PeerCertificate): PeerCertificateData {
  const subject = nameOf(certificate.subject);
  const issuer = nameOf(certificate.issuer);
  const names = [...(certificate.subjectaltname ?? '').matchAll(/(?:DNS|IP Address):([^,"]+)/g)]
    .slice(0, MAX_NAMES)
    .map((match) => match[1]!.trim().slice(0, 253));
  const commonName = first(certificate.subject?.CN);
  const organisation = first(certificate.issuer?.O);
  return {
    subject,
    issuer,
    issuerOrganisation: organisation,
    names: names.length === 0 && commonName !== null ? [commonName.slice(0, 253)] : names,
    notBefore: isoDate(certificate.valid_from),
    notAfter: isoDate(certificate.valid_to),
    selfSigned: subject === issuer,
    issuerPublished: certificate.infoAccess?.['CA Issuers - URI'] !== undefined,
  };
}

/** node's types say string; a repeated attribute makes an array. */
const first = (value: unknown): string | null =>
  typeof value === 'string' ? value : Array.isArray(value) ? String(value[0]) : null;

function nameOf(name: object | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`)
    .join(' ')
    .slice(0, 300);
}

function isoDate(text: string | undefined): string | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
