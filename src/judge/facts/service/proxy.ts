import { dialogueOf } from '../../../ground/dialogue.ts';
import type { Evidence } from '../../../model/evidence.ts';

/** Names of the proxy variables set here that browsers, curl and libraries look at for this target; none unless it is HTTP. */
export function proxyVariablesFor({ request, vantage }: Pick<Evidence, 'request' | 'vantage'>): string[] {
  const dialogue = dialogueOf(request.target);
  const scheme =
    dialogue.speak === 'http' ? 'HTTP' : dialogue.speak === 'tls' && dialogue.http ? 'HTTPS' : null;
  if (scheme === null) return [];
  return vantage.proxyVariables.filter((name) =>
    [`${scheme}_PROXY`, 'ALL_PROXY'].includes(name.toUpperCase()),
  );
}
