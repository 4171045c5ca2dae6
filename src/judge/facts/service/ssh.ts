import type { FactsOf, FactTable } from '../../../model/facts.ts';
import type { Readings } from '../../readings/index.ts';

export const SSH_FACTS = {
  'ssh.identification': {
    type: 'string',
    meaning: 'The line with which the SSH server introduces itself.',
    from: ['ssh'],
  },
  'ssh.offerRead': {
    type: 'boolean',
    meaning: 'The list of algorithms of the SSH server was read.',
    from: ['ssh'],
  },
  'ssh.closedBeforeBanner': {
    type: 'boolean',
    meaning: 'The SSH port closed or reset the connection before its identification.',
    from: ['ssh'],
  },
  'ssh.noCommon': {
    type: 'string',
    values: ['protocol version', 'key exchange', 'host key', 'cipher', 'MAC', 'compression'],
    meaning:
      'The kind of algorithm of which a current OpenSSH client shares none with the server; or the version of the protocol itself, where the server knows none but 1.x (RFC 4253, 5).',
    from: ['ssh'],
  },
  'ssh.offered': { type: 'string', meaning: "The server's list of that kind.", from: ['ssh'] },
} as const satisfies FactTable;

export function sshFacts({ talks }: Readings): FactsOf<typeof SSH_FACTS> {
  const ssh = talks.ssh?.data ?? null;
  return {
    'ssh.identification': ssh?.identification ?? null,
    'ssh.offerRead': ssh?.offerRead ?? null,
    'ssh.closedBeforeBanner':
      ssh === null
        ? null
        : ssh.identification === null &&
          ssh.otherProtocol === null &&
          (ssh.ended === 'closed' || ssh.ended === 'reset'),
    'ssh.noCommon': ssh?.noCommon ?? null,
    'ssh.offered': ssh?.offered ?? null,
  };
}
