import type { ProbeName } from '../../model/probes.ts';
import { alternatePorts } from './alternate-ports.ts';
import { answer } from './answer.ts';
import { countedConnect } from './counted-connect.ts';
import { dns } from './dns.ts';
import { hostsFile } from './hosts-file.ts';
import { localNetwork } from './local-network.ts';
import { otherEnd } from './other-end.ts';
import { ownRules } from './own-rules.ts';
import { pathMtu } from './path-mtu.ts';
import { ping } from './ping.ts';
import type { Probe } from './probe.ts';
import { proxyConnect } from './proxy-connect.ts';
import { replyTtl } from './reply-ttl.ts';
import { reverseNames } from './reverse-names.ts';
import { greeting, http, ssh, stall, tls } from './service.ts';
import { systemResolve } from './system-resolve.ts';
import { tcpConnect } from './tcp-connect.ts';
import { traceCommand } from './trace-command.ts';
import { traceSyn } from './trace-syn.ts';

export const PROBES = {
  answer,
  'tcp-connect': tcpConnect,
  'alternate-ports': alternatePorts,
  'counted-connect': countedConnect,
  'system-resolve': systemResolve,
  'hosts-file': hostsFile,
  dns,
  'local-network': localNetwork,
  'own-rules': ownRules,
  ping,
  'trace-syn': traceSyn,
  'trace-command': traceCommand,
  'proxy-connect': proxyConnect,
  'reply-ttl': replyTtl,
  'other-end': otherEnd,
  'path-mtu': pathMtu,
  'reverse-names': reverseNames,
  tls,
  ssh,
  http,
  greeting,
  stall,
} satisfies { [P in ProbeName]: Probe<P> };
