/** A name from the table of services, or null, and whether the user named it. */
interface Expected {
  service: string | null;
  serviceNamed: boolean;
}

/** How a service is spoken to. `listen` = only hear whether it says something by itself. */
export type Dialogue =
  | { speak: 'tls'; http: boolean }
  | { speak: 'http' }
  | { speak: 'ssh' }
  | { speak: 'greeting'; service: 'smtp' | 'imap' | 'pop3' | 'ftp' | 'mysql' | 'postgresql' | 'redis' }
  | { speak: 'listen' };

const TLS: Dialogue = { speak: 'tls', http: false };
const HTTPS: Dialogue = { speak: 'tls', http: true };
const HTTP: Dialogue = { speak: 'http' };

/** By the names of src/ground/services.ts; what is not here is only listened to. */
const DIALOGUES: Readonly<Record<string, Dialogue>> = {
  https: HTTPS,
  'https-alt': HTTPS,
  kubernetes: HTTPS,
  'docker-s': HTTPS,
  winrms: HTTPS,
  vault: HTTPS,
  ftps: TLS,
  submissions: TLS,
  imaps: TLS,
  pop3s: TLS,
  'domain-s': TLS,
  ldaps: TLS,
  rediss: TLS,
  amqps: TLS,
  mqtts: TLS,
  ircs: TLS,
  sips: TLS,
  http: HTTP,
  'http-alt': HTTP,
  winrm: HTTP,
  docker: HTTP,
  consul: HTTP,
  prometheus: HTTP,
  grafana: HTTP,
  elasticsearch: HTTP,
  etcd: HTTP,
  ssh: { speak: 'ssh' },
  smtp: { speak: 'greeting', service: 'smtp' },
  submission: { speak: 'greeting', service: 'smtp' },
  imap: { speak: 'greeting', service: 'imap' },
  pop3: { speak: 'greeting', service: 'pop3' },
  ftp: { speak: 'greeting', service: 'ftp' },
  mysql: { speak: 'greeting', service: 'mysql' },
  postgresql: { speak: 'greeting', service: 'postgresql' },
  redis: { speak: 'greeting', service: 'redis' },
};

/** Run with TLS by some and without by others, or ports that much else uses: the port alone is no reason to expect anything. */
const ONLY_WHEN_NAMED = new Set([
  'vault',
  'etcd',
  'elasticsearch',
  'http-alt',
  'https-alt',
  'grafana',
  'prometheus',
  'consul',
  'docker',
  'winrm',
  'winrms',
]);

export function dialogueOf(target: Expected): Dialogue {
  const known = target.service === null ? undefined : DIALOGUES[target.service];
  if (known === undefined || !Object.hasOwn(DIALOGUES, target.service!)) return { speak: 'listen' };
  return known;
}

/** Whether another protocol on this port is a fault: not where only a port that much else uses suggests the service. */
export const isExpected = (target: Expected): boolean =>
  target.serviceNamed || (target.service !== null && !ONLY_WHEN_NAMED.has(target.service));
