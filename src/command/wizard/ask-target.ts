import { serviceNamed, serviceNames, serviceOnPort } from '../../ground/services.ts';
import type { Target } from '../../model/request.ts';
import type { Ask, Choice } from '../ask.ts';
import { clashWithTarget } from '../flags.ts';
import { parsePort } from '../port.ts';
import type { Settings } from '../settings.ts';
import { parseTarget } from '../target.ts';
import { type HostOnly, isHostOnly, parseTyped } from '../typed.ts';
import { isUsageError } from '../usage-error.ts';

type Wish = Pick<Settings, 'port' | 'service' | 'wish'>;

const optionsOf = ({ port, service }: Wish) => ({ port: port ?? undefined, service: service ?? undefined });

/** What is wrong with it, in a sentence; null where it is a target, or a host whose port can be asked for. */
function wrongWith(text: string, settings: Wish): string | null {
  const typed = parseTyped(text, optionsOf(settings));
  if (isUsageError(typed)) return typed.error;
  const whole = isHostOnly(typed) ? parseTarget(`${typed.input}:443`) : typed;
  return isUsageError(whole) ? whole.error : (clashWithTarget(whole, settings.wish)?.error ?? null);
}

/** Typed instead of a target: what another program printed is to be read. */
export const PASTE = 'paste';

/**
 * Asks for what cannot be reached, and for the port where it is missing. `suggested` is taken by Enter. Null = the user
 * wants to paste what another program printed.
 */
export async function askTarget(
  settings: Wish,
  ask: Ask,
  { message, suggested, rows }: { message: string; suggested?: string | undefined; rows: number },
): Promise<Target | null> {
  for (;;) {
    const text = await ask.text({
      message,
      ...(suggested === undefined ? {} : { default: suggested }),
      check: (typed) => (typed.trim() === PASTE ? null : wrongWith(typed, settings)),
    });
    if (text.trim() === PASTE) return null;
    const typed = parseTyped(text, optionsOf(settings));
    if (isUsageError(typed)) throw new Error(`it was checked: ${typed.error}`);
    if (!isHostOnly(typed)) return typed;
    const target = await askPort(typed, ask, rows);
    if (target !== null) return target;
  }
}

/** Null = back to the host. */
export async function askPort(typed: HostOnly, ask: Ask, rows: number): Promise<Target | null> {
  const chosen = await ask.search({
    message: `Which port or service of ${typed.host}?`,
    find: portsFor,
    rows: Math.min(7, rows),
  });
  const target = parseTarget(typed.input, { port: chosen });
  if (isUsageError(target)) throw new Error(`both parts were right, and the whole is not: ${target.error}`);
  return target;
}

/** Likely ones first, while nothing is typed. */
const USUAL = ['https', 'ssh', 'http', 'postgresql', 'mysql', 'ms-wbt-server', 'smtp', 'imaps'];

/** The services whose name or port begins with what was typed; a port by itself; or what is wrong with it. */
export function portsFor(typed: string): Choice<string>[] {
  const text = typed.trim().toLowerCase();
  if (text === '') return USUAL.flatMap(choiceOf);
  const names = serviceNames().filter((name) => name.startsWith(text));
  const known = [...new Set(names.map((name) => serviceNamed(name)?.name ?? name))].flatMap(choiceOf);
  const port = parsePort(text, 'The port');
  if (isUsageError(port))
    return known.length > 0 ? known : [{ name: port.error, value: text, disabled: true }];
  if (/^\d+$/.test(text)) {
    const on = serviceOnPort(port.port);
    return [{ name: on === null ? text : `${text} (${on.name})`, value: text }];
  }
  return known;
}

const choiceOf = (name: string): Choice<string>[] => {
  const service = serviceNamed(name);
  return service === null ? [] : [{ name: `${service.name} (${service.port})`, value: service.name }];
};
