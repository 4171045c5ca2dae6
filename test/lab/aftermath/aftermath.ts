import type { Daemon } from '../daemons/daemon.ts';
import type { Scenario } from '../scenario.ts';
import type { Topology } from '../topology.ts';

/**
 * What ten diagnoses in a row leave behind in a service that is well, beside what ten careful connections leave: somebody
 * who knows the protocol, asks one harmless question and takes leave. A diagnosis must leave nothing more.
 */
export interface Aftermath {
  /** As people call it. */
  service: string;
  on: Topology;
  daemons: Daemon[];
  port: number;
  /** Certificates are made, and both are asked by name. */
  tls?: boolean;
  /** Both talk inside TLS from the first octet. */
  insideTls?: boolean;
  careful: [kind: 'hear' | 'say', words: string][];
  /** What is counted -> shell in the server's network that prints a number; more of it is worse. */
  counts: Record<string, string>;
  /** Firewall lines of the server. */
  limits?: string[];
  extra?: Pick<Scenario, 'hostsFile' | 'prepare'>;
}

export interface Measured {
  /** What is counted -> how much more of it there was afterwards. */
  more: Record<string, number>;
  connections: number;
  /** Whether a careful connection right afterwards was served. */
  served: boolean;
}

export interface AftermathResult {
  service: string;
  careful: Measured;
  diagnosed: Measured;
  /** What the diagnoses left worse, in words; empty = nothing. */
  worse: string[];
}

export function worseThan(careful: Measured, diagnosed: Measured): string[] {
  const counted = Object.entries(diagnosed.more).flatMap(([what, count]) => {
    const allowed = careful.more[what] ?? 0;
    return count > allowed ? [`${what}: ${count}, ten careful connections leave ${allowed}`] : [];
  });
  return careful.served && !diagnosed.served ? ['the client is locked out', ...counted] : counted;
}
