/** Probe name -> what a step of it may be made for. The words of each stand in report/step-words.ts. */
export interface Purposes {
  answer: 'told';
  'tcp-connect':
    | 'port'
    | 'port-samples'
    | 'port-more-samples'
    | 'port-other-servers'
    | 'port-same-flow'
    | 'port-after-talk'
    | 'other-answer'
    | 'reference-samples'
    | 'reference-host';
  'alternate-ports': 'other-ports';
  'system-resolve': 'name' | 'reference-host-name';
  'hosts-file': 'hosts-file';
  dns: 'resolver' | 'made-up-name';
  'local-network': 'route' | 'next-hop';
  'own-rules': 'own-rules';
  ping: 'echo' | 'late-error' | 'echo-over-time' | 'echo-large';
  'trace-syn':
    | 'path'
    | 'path-again'
    | 'path-from-other-ports'
    | 'nearer-end'
    | 'udp-path'
    | 'echo-path'
    | 'first-router'
    | 'first-router-web'
    | 'reference-path'
    | 'reference-host-path';
  'trace-command': 'path' | 'other-path' | 'echo-path';
  'counted-connect': 'counted';
  'proxy-connect': 'proxy';
  'reply-ttl': 'answer-distance';
  'other-end': never;
  'path-mtu': 'large-packets';
  'reverse-names': 'router-names';
  tls: 'tls' | 'tls-instead' | 'redirect' | 'page-again';
  ssh: 'ssh';
  http: 'http' | 'redirect' | 'page-again';
  greeting: 'question' | 'greeting';
  stall: 'other-shapes';
}
