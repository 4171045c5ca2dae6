/** nftables JSON (libnftables-json(5)) as the words that `nft list ruleset` prints for it; what has no words here stays JSON. */

type Json = Record<string, unknown>;
const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** `tcp dport 8443 drop`: without the counter, which changes, and with the comment. */
export function ruleText(statements: readonly Json[], comment: string | null): string {
  const said = statements.filter((statement) => !('counter' in statement)).map(words);
  return [...said, ...(comment === null ? [] : [`comment "${comment}"`])].join(' ');
}

/** One statement. */
export function words(statement: Json): string {
  const [name = '', value] = Object.entries(statement)[0] ?? [];
  const given = asObject(value) ?? {};
  switch (name) {
    case 'match':
      return matchWords(given);
    case 'vmap':
      return `${expression(given.key)} vmap ${expression(given.data)}`;
    case 'mangle':
      return `${expression(given.key)} set ${expression(given.value)}`;
    case 'jump':
    case 'goto':
      return `${name} ${given.target}`;
    case 'reject': {
      const type = given.type === undefined ? '' : ` with ${given.type}`;
      return given.expr === 'port-unreachable' && given.type === 'icmpx'
        ? 'reject'
        : `reject${type}${given.expr === undefined ? '' : ` ${expression(given.expr)}`}`;
    }
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
      return `${name}${translation(given)}`;
    case 'limit': {
      const over = given.inv === true ? 'over ' : '';
      const unit = given.rate_unit === undefined ? '' : ` ${given.rate_unit}`;
      return `limit rate ${over}${given.rate}${unit}/${given.per}`;
    }
    case 'ct count':
      return `ct count ${given.inv === true ? 'over ' : ''}${given.val}`;
    case 'log':
      return typeof given.prefix === 'string' ? `log prefix "${given.prefix}"` : 'log';
    case 'xt':
      return `xt ${given.type} "${given.name}"`;
    default:
      return value === null ? name : JSON.stringify(statement);
  }
}

function translation(given: Json): string {
  const family = given.family === undefined ? '' : ` ${given.family}`;
  const address = given.addr === undefined ? '' : expression(given.addr);
  const port = given.port === undefined ? '' : `:${expression(given.port)}`;
  return address + port === ''
    ? ''
    : `${family} to ${address.includes(':') && port !== '' ? `[${address}]` : address}${port}`;
}

function matchWords({ op, left, right }: Json): string {
  const masked = asObject(left)?.['&'];
  if (Array.isArray(masked) && asObject(asObject(masked[0])?.payload)?.field === 'flags' && op === '==')
    return `${expression(masked[0])} ${expression(right)} / ${expression(masked[1])}`;
  const sign = op === '==' || op === 'in' ? '' : ` ${op}`;
  return `${expression(left)}${sign}${Array.isArray(masked) && op === '==' ? ' ==' : ''} ${expression(right)}`;
}

const QUOTED = new Set(['iif', 'oif', 'iifname', 'oifname']);

function expression(value: unknown): string {
  if (Array.isArray(value)) return value.map(expression).join(',');
  const object = asObject(value);
  if (object === null) return String(value);
  const [name = '', inner] = Object.entries(object)[0] ?? [];
  const given = asObject(inner) ?? {};
  switch (name) {
    case 'payload':
      return given.protocol === undefined ? JSON.stringify(value) : `${given.protocol} ${given.field}`;
    case 'meta':
      return QUOTED.has(String(given.key)) ? String(given.key) : `meta ${given.key}`;
    case 'ct':
      return `ct ${given.dir === undefined ? '' : `${given.dir} `}${given.key}`;
    case 'fib':
      return `fib ${expression(given.flags)} ${given.result}`.replaceAll(',', ' . ');
    case 'tcp option':
      return `tcp option ${given.name} ${given.field}`;
    case 'prefix':
      return `${given.addr}/${given.len}`;
    case 'range':
      return Array.isArray(inner) ? inner.map(expression).join('-') : JSON.stringify(value);
    case 'concat':
      return Array.isArray(inner) ? inner.map(expression).join(' . ') : JSON.stringify(value);
    case 'elem':
      return expression(given.val);
    case 'set':
      return Array.isArray(inner) ? `{ ${inner.map(element).join(', ')} }` : JSON.stringify(value);
    case '&':
    case '|':
    case '^':
      return Array.isArray(inner) ? inner.map(expression).join(` ${name} `) : JSON.stringify(value);
    default:
      return JSON.stringify(value);
  }
}

/** Of a verdict map an element is a pair. */
const element = (one: unknown): string =>
  Array.isArray(one) && one.length === 2 && asObject(one[1]) !== null
    ? `${expression(one[0])} : ${words(one[1] as Json)}`
    : expression(one);
