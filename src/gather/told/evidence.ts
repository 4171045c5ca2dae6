import { familyOf, isAddress, sameAddress } from '../../ground/address.ts';
import { dialogueOf } from '../../ground/services.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { TalkEnd, TlsData, Trace } from '../../model/measured.ts';
import type { Observation, ObservationOf, ProbeName } from '../../model/probes.ts';
import type { Request } from '../../model/request.ts';
import type { Told } from '../../parsers/transcripts/told.ts';
import { sweepOutcome } from '../probes/trace-syn.ts';
import { networkOf, ownAddresses, resolversOf } from './machine.ts';
import { addressesOf, isAbout, placed, systemOf, unresolvedOnly } from './place.ts';
import { certificateOf, httpData, NO_CERTIFICATE, NO_TLS, ofKind, pingOutcome, type Said } from './words.ts';

/**
 * Evidence made of what programs said elsewhere. Every observation names its program (`told`); no time in it was measured,
 * and what is about another host is left out. The vantage is the machine that it was copied from: its system, where that
 * shows, and nothing else.
 */
export function evidenceOf(
  told: readonly Told[],
  request: Request,
  startedAt: string,
): { evidence: Evidence; about: Told[] } {
  const { host, port } = request.target;
  const addresses = addressesOf(told, host, port);
  const about = placed(told).filter((one) => isAbout(one, host, addresses));
  const resolved = addresses.length > 0 ? addresses : unresolvedOnly(about) ? [] : [host];
  const build = new Builder(request, startedAt, resolved);
  if (!isAddress(host)) build.name(about, resolved);
  build.questions(ofKind(about, 'dns'));
  build.connects(ofKind(about, 'connect'));
  for (const one of ofKind(about, 'ping')) build.ping(one);
  for (const one of ofKind(about, 'trace')) build.trace(one);
  build.talk(about);
  const tables = ofKind(told, 'machine');
  if (tables.length > 0) build.machine(tables);
  const texts = tables.map(({ says }) => says.text);
  const evidence: Evidence = {
    request,
    vantage: {
      os: systemOf(told) ?? 'unknown',
      addresses: ownAddresses(texts),
      resolvers: resolversOf(texts),
      searchDomains: [],
      ndots: 1,
      privileges: 'user',
      proxyVariables: [],
    },
    startedAt,
    observations: build.observations,
  };
  return { evidence, about };
}

class Builder {
  readonly observations: Observation[] = [];
  readonly #request: Request;
  readonly #startedAt: string;
  readonly #addresses: readonly string[];

  constructor(request: Request, startedAt: string, addresses: readonly string[]) {
    this.#request = request;
    this.#startedAt = startedAt;
    this.#addresses = addresses;
  }

  name(about: readonly Told[], resolved: readonly string[]): void {
    const failed = ofKind(about, 'name').find(({ says }) => says.outcome !== 'resolved');
    if (resolved.length === 0 && failed === undefined) return;
    const isFound = resolved.length > 0;
    const isTemporary = failed?.says.outcome === 'temporary-failure';
    const by = (isFound ? about[0] : failed) ?? null;
    if (by === null) return;
    this.#add('system-resolve', by, {
      input: { host: this.#request.target.host },
      outcome: isFound ? 'resolved' : isTemporary ? 'temporary-failure' : 'not-found',
      data: {
        addresses: resolved.map((address) => ({ address, family: familyOf(address) })),
        code: isFound ? null : isTemporary ? 'EAI_AGAIN' : 'ENOTFOUND',
      },
    });
  }

  questions(told: Said<'dns'>[]): void {
    for (const one of told.slice(0, 8)) {
      const { says } = one;
      const resolver = says.resolver ?? '0.0.0.0';
      const host = this.#request.target.host;
      const outcome = says.silent ? 'timeout' : 'answered';
      this.#add('dns', one, {
        input: { resolver, port: 53, host, configured: true, timeoutMs: 0, searchDomains: [], ndots: 1 },
        outcome,
        data: {
          answers: (['A', 'AAAA'] as const).map((type) => ({
            type,
            name: host,
            outcome,
            rcode: says.rcode,
            addresses: says.addresses.filter((address) => (familyOf(address) === 4) === (type === 'A')),
            cnames: [],
            ttlSeconds: null,
            extendedErrors: [],
            transport: 'udp' as const,
            elapsedMs: 0,
            ignored: null,
            authoritative: false,
          })),
        },
      });
    }
  }

  connects(told: Said<'connect'>[]): void {
    const { port } = this.#request.target;
    const others = new Map<string, { one: Said<'connect'>; ports: Said<'connect'>[] }>();
    for (const one of told) {
      const address = this.#addressOf(one);
      if (address === null) continue;
      if (one.port !== null && one.port !== port) {
        const known = others.get(address) ?? { one, ports: [] };
        if (!known.ports.some((other) => other.port === one.port)) known.ports.push(one);
        others.set(address, known);
        continue;
      }
      const isFirst = !this.observations.some(
        (o) => o.probe === 'tcp-connect' && o.input.address === address,
      );
      const { outcome, code, elapsedMs } = one.says;
      this.#add('tcp-connect', one, {
        input: {
          address,
          port,
          role: isFirst ? 'target' : 'sample',
          startsMs: [0],
          endMs: elapsedMs ?? 0,
          stopAtFirstAnswer: true,
        },
        outcome,
        data: {
          attempts: [
            {
              startMs: 0,
              outcome,
              code,
              elapsedMs: elapsedMs ?? 0,
              local: outcome === 'local-error' || code === 'ENETUNREACH',
              ...(elapsedMs === null ? { timed: false as const } : {}),
            },
          ],
        },
      });
    }
    for (const [address, { one, ports }] of others) {
      const results = ports.map(({ port: other, says }) => ({
        port: other!,
        outcome: says.outcome,
        code: says.code,
        elapsedMs: says.elapsedMs ?? 0,
        ...(says.elapsedMs === null ? { timed: false as const } : {}),
      }));
      const answered = results.some(({ outcome }) => outcome === 'open' || outcome === 'refused');
      this.#add('alternate-ports', one, {
        input: { address, ports: results.map((result) => result.port), timeoutMs: 0 },
        outcome: answered ? 'some-answered' : 'none-answered',
        data: { ports: results },
      });
    }
  }

  machine(tables: Said<'machine'>[]): void {
    const texts = tables.map(({ says }) => says.text);
    for (const address of this.#addresses.filter(isAddress)) {
      const data = networkOf(texts, address);
      const isMeasured = data.route.kind !== 'unknown';
      if (!isMeasured && data.interfaces.length === 0) continue;
      this.#add('local-network', tables[0]!, {
        input: { address },
        outcome: isMeasured && data.interfaces.length > 0 ? 'measured' : 'partly-measured',
        data,
      });
    }
  }

  ping(one: Said<'ping'>): void {
    const address = this.#addressOf(one);
    if (address === null) return;
    const { ping } = one.says;
    const { localError, notPermitted, unread: _, ...data } = ping;
    if (notPermitted !== null) return;
    this.#add('ping', one, {
      input: { address, count: ping.sent ?? ping.received, timeoutMs: 0 },
      outcome: pingOutcome(ping),
      reason: localError?.text ?? null,
      data: { ...data, sent: ping.sent ?? Math.max(1, ping.received) },
    });
  }

  trace(one: Said<'trace'>): void {
    const address = this.#addressOf(one);
    if (address === null) return;
    const { method, protocol, trace } = one.says;
    const { port } = this.#request.target;
    const data: Trace = {
      method,
      protocol,
      port: protocol === 'tcp' ? (one.port ?? port) : null,
      address,
      replies: trace.replies,
      counters: null,
    };
    this.#add('trace-command', one, {
      input: {
        address,
        port: one.port ?? port,
        role: protocol === 'tcp' ? 'target' : 'other-protocol',
        protocols: [protocol],
        timeoutMs: 0,
      },
      outcome: sweepOutcome(data),
      data,
    });
  }

  /** The last word of each kind counts, as it does of what this program hears itself. */
  talk(about: readonly Told[]): void {
    const { target } = this.#request;
    const here = about.filter((one) => one.port === null || one.port === target.port);
    const tls = ofKind(here, 'tls').at(-1);
    const http = ofKind(here, 'http').at(-1);
    const ssh = ofKind(here, 'ssh').at(-1);
    const greeting = ofKind(here, 'greeting').at(-1);
    const cut = ofKind(here, 'cut').at(-1);
    if (tls !== undefined) this.#tls(tls, http);
    else if (http !== undefined && dialogueOf(target).speak === 'tls') this.#tls(http, http);
    else if (http !== undefined) this.#http(http);
    if (ssh !== undefined) this.#ssh(ssh, cut);
    if (greeting !== undefined) this.#greeting(greeting);
    if (
      cut !== undefined &&
      tls === undefined &&
      http === undefined &&
      ssh === undefined &&
      greeting === undefined
    )
      this.#cut(cut);
  }

  #tls(one: Said<'tls'> | Said<'http'>, http: Said<'http'> | undefined): void {
    const { target, sni } = this.#request;
    const address = this.#addressOf(one);
    if (address === null) return;
    const name = sni ?? (isAddress(target.host) ? null : target.host);
    const says = one.says.kind === 'tls' ? one.says : { outcome: 'ok' as const, ...NO_CERTIFICATE };
    const ended: Record<string, TalkEnd> = {
      alert: 'answered',
      'not-tls': 'answered',
      closed: 'closed',
      reset: 'reset',
      stalled: 'stalled',
    };
    const tls: TlsData = {
      ...NO_TLS,
      sni: name,
      ended: ended[says.outcome] ?? null,
      version: says.version,
      trustCode: says.trustCode,
      chain: certificateOf(one),
      expectedName: name ?? target.host,
      nameMatches: says.outcome === 'wrong-name' ? false : says.outcome === 'ok' ? true : null,
      alert: says.alert,
      plainText: says.outcome === 'not-tls' ? one.words.slice(0, 200) : null,
    };
    this.#add('tls', one, {
      input: {
        address,
        port: target.port,
        serverName: name,
        expectedAddress: null,
        httpPath: null,
        httpExpected: false,
        httpHost: target.host,
        caPem: null,
        timeoutMs: 0,
      },
      outcome: says.outcome,
      data: { connectMs: null, tls, http: http === undefined ? null : httpData(http) },
    });
  }

  #http(one: Said<'http'>): void {
    const address = this.#addressOf(one);
    const { target } = this.#request;
    if (address === null) return;
    this.#add('http', one, {
      input: { address, port: target.port, host: target.host, path: target.path, timeoutMs: 0 },
      outcome: 'ok',
      data: { connectMs: null, http: httpData(one) },
    });
  }

  #ssh(one: Said<'ssh'>, cut: Said<'cut'> | undefined): void {
    const address = this.#addressOf(one);
    if (address === null) return;
    const { identification, noCommon, offered } = one.says;
    const isCut = cut !== undefined && noCommon === null;
    this.#add('ssh', one, {
      input: { address, port: this.#request.target.port, timeoutMs: 0 },
      outcome: noCommon !== null ? 'no-common-algorithm' : isCut ? cut.says.ended : 'ok',
      data: {
        connectMs: null,
        firstByteMs: null,
        ended: isCut ? cut.says.ended : 'answered',
        identification: identification ?? (noCommon === null ? null : 'SSH-2.0'),
        otherText: null,
        otherProtocol: null,
        offerRead: !isCut,
        noCommon,
        offered,
      },
    });
  }

  #greeting(one: Said<'greeting'>): void {
    const address = this.#addressOf(one);
    const { target } = this.#request;
    if (address === null) return;
    const dialogue = dialogueOf(target);
    const service = dialogue.speak === 'greeting' ? dialogue.service : null;
    const refuses =
      /^(FATAL|ERROR|5\d\d|4\d\d|DENIED|LOADING|ERR )|too many|not allowed|denied|starting up|shutting down|no pg_hba/i.test(
        one.says.text,
      );
    this.#add('greeting', one, {
      input: {
        address,
        port: target.port,
        service,
        serverName: null,
        expectedAddress: null,
        caPem: null,
        timeoutMs: 0,
      },
      outcome: refuses
        ? 'refuses'
        : service !== null && one.says.protocol !== service
          ? 'other-protocol'
          : 'ok',
      data: {
        connectMs: null,
        firstByteMs: null,
        ended: 'answered',
        heard: one.says.protocol,
        text: one.says.text.slice(0, 200),
        word: null,
        tlsOffered: null,
        tls: null,
      },
    });
  }

  /** A terminal's connection ends because its user ends it, or after nonsense was typed: only a client's own word counts. */
  #cut(one: Said<'cut'>): void {
    const address = this.#addressOf(one);
    const { target } = this.#request;
    const { ended } = one.says;
    const { speak } = dialogueOf(target);
    const isTerminal = /^(telnet|nc|ncat)$/.test(one.program);
    if (address === null || (isTerminal && (speak === 'tls' || speak === 'http'))) return;
    if (speak === 'tls') {
      this.#tls({ ...one, says: { kind: 'tls', outcome: ended, ...NO_CERTIFICATE } }, undefined);
    } else if (speak === 'ssh') {
      this.#add('ssh', one, {
        input: { address, port: target.port, timeoutMs: 0 },
        outcome: ended,
        data: {
          connectMs: null,
          firstByteMs: null,
          ended,
          identification: null,
          otherText: null,
          otherProtocol: null,
          offerRead: false,
          noCommon: null,
          offered: null,
        },
      });
    } else if (speak === 'http') {
      this.#add('http', one, {
        input: { address, port: target.port, host: target.host, path: target.path, timeoutMs: 0 },
        outcome: ended,
        data: { connectMs: null, http: { ...httpData(null), ended } },
      });
    } else {
      const service = speak === 'greeting' ? (dialogueOf(target) as { service: 'smtp' }).service : null;
      this.#add('greeting', one, {
        input: {
          address,
          port: target.port,
          service,
          serverName: null,
          expectedAddress: null,
          caPem: null,
          timeoutMs: 0,
        },
        outcome: ended,
        data: {
          connectMs: null,
          firstByteMs: null,
          ended,
          heard: null,
          text: null,
          word: null,
          tlsOffered: null,
          tls: null,
        },
      });
    }
  }

  /** Where a program names no address, it is the only one, or the first: what was asked for by name goes there. */
  #addressOf({ address }: Told): string | null {
    const same = address === null ? undefined : this.#addresses.find((one) => sameAddress(one, address));
    return same ?? this.#addresses[0] ?? null;
  }

  #add<P extends ProbeName>(
    probe: P,
    one: Told,
    found: Pick<ObservationOf<P>, 'input' | 'outcome' | 'data'> & { reason?: string | null },
  ): void {
    const count = this.observations.filter((o) => o.probe === probe).length;
    this.observations.push({
      id: `told-${probe}-${count + 1}`,
      probe,
      reason: null,
      ...found,
      startedAt: this.#startedAt,
      durationMs: 0,
      command: null,
      raw: one.words,
      enable: null,
      final: true,
      told: one.program,
    } as unknown as Observation);
  }
}
