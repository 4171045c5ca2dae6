import { endpoint } from '../ground/address.ts';
import type { ProbeName, StepOf } from '../model/probes.ts';
import type { Purposes } from '../model/purposes.ts';
import { PROTOCOL_WORD } from './protocol-words.ts';

type Words<P extends ProbeName> = string | ((input: StepOf<P>['input']) => string);

const WORDS: { [P in ProbeName]: Record<Purposes[P], Words<P>> } = {
  answer: { told: 'what the user says' },
  'tcp-connect': {
    port: ({ address, port }) => `whether ${address} accepts TCP ${port}`,
    'port-samples': 'whether it accepts every time',
    'port-more-samples': 'how often it answers',
    'port-other-servers': ({ address }) => `whether another server behind ${address} accepts`,
    'port-same-flow': 'whether each source port fares as it did before',
    'port-after-talk': 'whether it still accepts after the conversation was cut',
    'other-answer': ({ address, port }) => `whether ${address}, which DNS gives, would accept TCP ${port}`,
    'reference-samples': ({ port }) => `whether TCP ${port} answers every time`,
    'reference-host': ({ address, port }) =>
      `whether the reference host ${address} accepts TCP ${port} from here`,
  },
  'alternate-ports': { 'other-ports': 'whether other ports of the host answer' },
  'system-resolve': {
    name: ({ host }) => `what this machine resolves ${host} to`,
    'reference-host-name': 'the address of the reference host',
  },
  'hosts-file': { 'hosts-file': ({ host }) => `whether the hosts file overrides ${host}` },
  dns: {
    resolver: ({ resolver }) => `what the resolver ${resolver} answers`,
    'made-up-name': ({ resolver }) =>
      `whether ${resolver} gives that address for a name that nobody made, too`,
  },
  'local-network': {
    route: 'the route and the first router',
    'next-hop': 'whether the next hop was found',
  },
  ping: {
    echo: 'whether the host answers ICMP echo',
    'echo-over-time': 'whether the host answers every ICMP echo',
    'echo-large': 'whether large packets get lost more often than small ones',
    'late-error': 'who reports the host as unreachable',
  },
  'trace-syn': {
    path: ({ port }) => `where SYNs to TCP ${port} end`,
    'path-again': 'the same once more: the router may limit its answers',
    'path-from-other-ports': 'the same from other source ports: the paths differ',
    'nearer-end': 'whether something nearer than the host accepts',
    'udp-path': 'how far UDP gets',
    'echo-path': 'how far ICMP echo gets',
    'first-router': 'whether the first router speaks at all, and lets anything pass',
    'first-router-web': "whether the first router answers the web in everybody's place",
    'reference-path': ({ port }) => `where SYNs to TCP ${port} end, to compare`,
    'reference-host-path': 'where SYNs to the reference host end',
  },
  'trace-command': {
    path: ({ port }) => `where TCP ${port} ends, by a tool`,
    'other-path': 'how far UDP or ICMP gets, by a tool',
    'echo-path': 'how far ICMP echo gets, by a tool',
  },
  'counted-connect': { counted: 'what the kernel counts of a few connections' },
  'own-rules': { 'own-rules': "what this machine's own packet filter does with it" },
  'reply-ttl': { 'answer-distance': ({ port }) => `how far away the answer of TCP ${port} comes from` },
  'other-end': {},
  'proxy-connect': {
    proxy: ({ proxyHost, proxyPort }) => `whether the proxy ${endpoint(proxyHost, proxyPort)} gets there`,
  },
  'path-mtu': { 'large-packets': 'whether large packets get there' },
  'reverse-names': { 'router-names': 'names of the routers' },
  tls: {
    tls: 'whether it speaks TLS',
    'tls-instead': 'whether it speaks TLS instead',
    redirect: 'whether the redirect leads in a circle',
    'page-again': 'the same page again',
  },
  ssh: { ssh: 'whether it speaks SSH' },
  http: {
    http: 'whether it speaks HTTP',
    redirect: 'whether the redirect leads in a circle',
    'page-again': 'the same page again',
  },
  greeting: {
    question: ({ service }) =>
      service === null ? 'what it speaks' : `whether it speaks ${PROTOCOL_WORD[service]}`,
    greeting: 'whether it says something by itself',
  },
  stall: { 'other-shapes': 'why the connection is accepted and the request is not answered' },
};

/** What a step is for, for people: a few words without a full stop. Holds what the step names as it came. */
export function stepWords<P extends ProbeName>({ probe, purpose, input }: StepOf<P>): string {
  const words = WORDS[probe][purpose] as Words<P>;
  return typeof words === 'string' ? words : words(input);
}
