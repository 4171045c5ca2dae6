/**
 * A service that speaks the Globalping API as its OpenAPI document has it (public/v1 of jsdelivr/globalping), and writes
 * what its probes write. Requests that the document does not allow get 400, as there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';

export interface FakeProbe {
  country: string;
  city: string;
  asn: number;
  network: string;
  /** `address port` -> what is there; what is not listed is dropped after the first router. */
  sees: Record<string, PortThere>;
  /** What names lead to; none of a name that is not listed. */
  names?: Record<string, string[]>;
  /** How its tests end, where not well: by kind of measurement. */
  ends?: Partial<Record<Kind, 'failed' | 'offline' | 'in-progress'>>;
  /** Instead of all that: a probe that really tests. */
  really?: (asked: Asked) => Promise<Result>;
}
export type Result = { status: string; rawOutput: string };
/** `path`: the routers on the way. */
export type PortThere =
  | { is: 'open' | 'refused'; path: string[] }
  | { is: 'dropped'; path: string[] }
  | { is: 'rejected'; path: string[]; letter: string };
type Kind = 'ping' | 'traceroute' | 'dns';

/** Something that goes wrong: `answer` in place of what would have come, for requests that `when` says. */
export interface Fault {
  when: (request: Heard) => boolean;
  answer: (response: ServerResponse, request: Heard) => void;
}
export interface Heard {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Asked | null;
  /** Monotonic ms. */
  at: number;
}

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const ipVersion = v.optional(v.picklist([4, 6]));
const locations = v.optional(
  v.union([
    v.pipe(v.string(), v.minLength(1)),
    v.array(
      v.strictObject({
        magic: v.pipe(v.string(), v.minLength(1)),
        limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200))),
      }),
    ),
  ]),
);
const common = { target: v.pipe(v.string(), v.minLength(1)), locations };
const REQUEST = v.variant('type', [
  v.strictObject({
    type: v.literal('ping'),
    ...common,
    measurementOptions: v.strictObject({
      packets: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)), 3),
      protocol: v.picklist(['ICMP', 'TCP']),
      port: v.optional(port, 80),
      ipVersion,
    }),
  }),
  v.strictObject({
    type: v.literal('traceroute'),
    ...common,
    measurementOptions: v.strictObject({
      protocol: v.picklist(['ICMP', 'TCP', 'UDP']),
      port: v.optional(port, 80),
      ipVersion,
    }),
  }),
  v.strictObject({
    type: v.literal('dns'),
    ...common,
    measurementOptions: v.strictObject({
      query: v.strictObject({ type: v.picklist(['A', 'AAAA']) }),
      ipVersion,
    }),
  }),
]);
export type Asked = v.InferOutput<typeof REQUEST>;

const nullable = <T extends v.GenericSchema>(one: T) => v.nullable(one);
const integer = v.pipe(v.number(), v.integer());
const status = v.picklist(['in-progress', 'failed', 'offline']);
const unfinished = v.object({ status, rawOutput: v.string() });
const finished = {
  status: v.literal('finished'),
  rawOutput: v.string(),
  resolvedAddress: nullable(v.string()),
  resolvedHostname: nullable(v.string()),
};
const rtts = v.array(v.object({ rtt: v.number() }));
const RESULT = {
  ping: v.object({
    ...finished,
    timings: rtts,
    stats: v.object({
      min: nullable(v.number()),
      avg: nullable(v.number()),
      max: nullable(v.number()),
      total: integer,
      rcv: integer,
      drop: integer,
      loss: v.number(),
    }),
  }),
  traceroute: v.object({
    ...finished,
    hops: v.array(
      v.object({
        resolvedAddress: nullable(v.string()),
        resolvedHostname: nullable(v.string()),
        timings: rtts,
      }),
    ),
  }),
  dns: v.object({
    status: v.literal('finished'),
    rawOutput: v.string(),
    statusCode: integer,
    statusCodeName: v.string(),
    resolver: v.string(),
    timings: v.object({ total: v.number() }),
    answers: v.array(
      v.object({ name: v.string(), type: v.string(), ttl: integer, class: v.string(), value: v.string() }),
    ),
  }),
};
/** MeasurementResponse of the document. */
const RESPONSE = (type: Kind) =>
  v.object({
    id: v.string(),
    type: v.literal(type),
    status: v.picklist(['in-progress', 'finished']),
    createdAt: v.pipe(v.string(), v.isoTimestamp()),
    updatedAt: v.pipe(v.string(), v.isoTimestamp()),
    target: v.string(),
    probesCount: integer,
    results: v.array(
      v.object({
        probe: v.object({
          continent: v.picklist(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA']),
          region: v.string(),
          country: v.pipe(v.string(), v.length(2)),
          state: nullable(v.string()),
          city: v.string(),
          asn: integer,
          network: v.string(),
          latitude: v.number(),
          longitude: v.number(),
          tags: v.array(v.string()),
          resolvers: v.array(v.string()),
        }),
        result: v.union([unfinished, RESULT[type]]),
      }),
    ),
  });

export interface FakeService {
  url: string;
  heard: Heard[];
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

interface Made {
  asked: Asked;
  probes: FakeProbe[];
  /** Of probes that really test, by their place in the list. */
  real: Map<number, Result>;
  polls: number;
}

/** `busyPolls`: so many polls of each measurement find it in progress. */
export async function fakeGlobalping({
  probes,
  faults = [],
  busyPolls = 1,
  limit = 250,
}: {
  probes: FakeProbe[];
  faults?: Fault[];
  busyPolls?: number;
  limit?: number;
}): Promise<FakeService> {
  const heard: Heard[] = [];
  const made = new Map<string, Made>();
  const sockets = new Set<Socket>();
  let left = limit;

  const reply = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
    response.end(JSON.stringify(body));
  };
  const quota = () => ({
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset': '1380',
  });

  const create = (response: ServerResponse, body: unknown) => {
    const read = v.safeParse(REQUEST, body);
    if (!read.success) return reply(response, 400, error('validation_error', 'Parameter validation failed.'));
    const asked = read.output;
    const { locations } = asked;
    const [place] = typeof locations === 'string' ? [] : (locations ?? []);
    const chosen =
      typeof locations === 'string'
        ? made.get(locations)?.probes
        : probes
            .filter(({ country, city }) => place?.magic === country || place?.magic === city)
            .slice(0, place?.limit ?? 1);
    if (chosen === undefined || chosen.length === 0)
      return reply(response, 422, error('no_probes_found', 'No suitable probes found.'));
    if (left < chosen.length)
      return reply(response, 429, error('too_many_probes', 'Too Many Probes Requested'), quota());
    left -= chosen.length;
    const id = `fake${made.size}Measurement`;
    const real = new Map<number, Result>();
    chosen.forEach(({ really }, i) => {
      really?.(asked).then((result) => real.set(i, result));
    });
    made.set(id, { asked, probes: chosen, real, polls: 0 });
    return reply(
      response,
      202,
      { id, probesCount: chosen.length },
      { ...quota(), location: `${service.url}/v1/measurements/${id}` },
    );
  };

  const get = (response: ServerResponse, id: string) => {
    const one = made.get(id);
    if (one === undefined)
      return reply(response, 404, error('not_found', "Couldn't find the requested item."));
    const isBusy = one.polls++ < busyPolls;
    const measurement = measurementOf(id, one, isBusy);
    v.assert(RESPONSE(one.asked.type), measurement);
    return reply(response, 200, measurement);
  };

  const server = createServer(async (request: IncomingMessage, response) => {
    const body = request.method === 'POST' ? (JSON.parse(await text(request)) as Asked) : null;
    const one: Heard = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      at: performance.now(),
    };
    heard.push(one);
    const fault = faults.find(({ when }) => when(one));
    if (fault !== undefined) return fault.answer(response, one);
    if (request.method === 'POST' && request.url === '/v1/measurements') return create(response, body);
    const id = /^\/v1\/measurements\/([a-zA-Z0-9]+)$/.exec(request.url ?? '')?.[1];
    if (request.method === 'GET' && id !== undefined) return get(response, id);
    reply(response, 404, error('not_found', 'No such page.'));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return service;
}

export const error = (type: string, message: string) => ({ error: { type, message } });

function measurementOf(id: string, { asked, probes, real }: Made, isBusy: boolean): object {
  const { type, target, measurementOptions } = asked;
  const results = probes.map((probe, i) => ({
    probe: {
      continent: 'EU',
      region: 'Western Europe',
      country: probe.country,
      state: null,
      city: probe.city,
      asn: probe.asn,
      longitude: 8.5,
      latitude: 47.3,
      network: probe.network,
      tags: ['datacenter-network'],
      resolvers: ['private'],
    },
    result:
      probe.really === undefined
        ? resultOf(asked, probe, isBusy)
        : (real.get(i) ?? { status: 'in-progress', rawOutput: '' }),
  }));
  const isDone = results.every(({ result }) => result.status !== 'in-progress');
  const now = new Date().toISOString();
  return {
    id,
    type,
    status: isDone ? 'finished' : 'in-progress',
    createdAt: now,
    updatedAt: now,
    target,
    probesCount: probes.length,
    measurementOptions,
    results,
  };
}

function resultOf(asked: Asked, probe: FakeProbe, isBusy: boolean): Result {
  const end = probe.ends?.[asked.type];
  if (end === 'offline')
    return { status: end, ...raw('This probe is currently offline. Please try again later.') };
  if (isBusy || end === 'in-progress') return { status: 'in-progress', ...raw('') };
  if (end === 'failed') return { status: end, ...raw('Test failed. Please try again.') };
  switch (asked.type) {
    case 'ping':
      return ping(asked.target, asked.measurementOptions, there(asked, probe));
    case 'traceroute':
      return traceroute(asked.target, there(asked, probe));
    case 'dns':
      return dns(asked.target, asked.measurementOptions.query.type, probe.names?.[asked.target] ?? []);
  }
}

const raw = (rawOutput: string) => ({ rawOutput });

const there = (asked: Exclude<Asked, { type: 'dns' }>, probe: FakeProbe): PortThere =>
  probe.sees[`${asked.target} ${asked.measurementOptions.port}`] ?? { is: 'dropped', path: ['100.64.0.1'] };

function ping(target: string, { packets, port: to }: { packets: number; port: number }, { is }: PortThere) {
  const rcv = is === 'open' ? packets : 0;
  const rtts = Array.from({ length: rcv }, (_, i) => 20 + i);
  const lines = Array.from({ length: packets }, (_, i) =>
    is === 'open'
      ? `Reply from ${target} (${target}) on port ${to}: tcp_conn=${i + 1} time=${20 + i}.0 ms`
      : `No reply from ${target} (${target}) on port ${to}: tcp_conn=${i + 1}`,
  );
  return {
    status: 'finished',
    ...raw([`PING ${target} (${target}) on port ${to}.`, ...lines].join('\n')),
    resolvedAddress: target,
    resolvedHostname: target,
    timings: rtts.map((rtt) => ({ rtt })),
    stats: {
      min: rtts[0] ?? null,
      max: rtts.at(-1) ?? null,
      avg: rtts[0] ?? null,
      total: packets,
      rcv,
      drop: packets - rcv,
      loss: 100 * (1 - rcv / packets),
    },
  };
}

/** traceroute -m 20 -q 2: it ends at the target or where a router rejects, else at TTL 20. */
function traceroute(target: string, port: PortThere) {
  const hops: (string | null)[] = [...port.path];
  if (port.is === 'open' || port.is === 'refused') hops.push(target);
  while (port.is === 'dropped' && hops.length < 20) hops.push(null);
  const letter = (i: number) => (port.is === 'rejected' && i === hops.length - 1 ? ` !${port.letter}` : '');
  const lines = hops.map((hop, i) => {
    const ttl = String(i + 1).padStart(2);
    if (hop === null) return `${ttl}  * *`;
    const name = i === 0 ? '_gateway' : hop;
    return `${ttl}  ${name} (${hop})  ${i + 1}.100 ms${letter(i)}  ${i + 1}.200 ms${letter(i)}`;
  });
  return {
    status: 'finished',
    ...raw([`traceroute to ${target} (${target}), 20 hops max, 60 byte packets`, ...lines].join('\n')),
    resolvedAddress: target,
    resolvedHostname: hops.at(-1) ?? null,
    hops: hops.map((hop, i) => ({
      resolvedAddress: hop,
      resolvedHostname: hop,
      timings: hop === null ? [] : [{ rtt: i + 1.1 }, { rtt: i + 1.2 }],
    })),
  };
}

function dns(name: string, type: 'A' | 'AAAA', addresses: readonly string[]) {
  const found = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
  const code = addresses.length === 0 ? 'NXDOMAIN' : 'NOERROR';
  return {
    status: 'finished',
    statusCodeName: code,
    statusCode: code === 'NOERROR' ? 0 : 3,
    ...raw(`; <<>> DiG 9.18 <<>> -t ${type} ${name}\n;; status: ${code}`),
    answers: found.map((value) => ({ name: `${name}.`, type, ttl: 180, class: 'IN', value })),
    timings: { total: 12 },
    resolver: 'private',
  };
}
