import { basename } from 'node:path';
import type { Node, ParsedNode } from 'yaml';
import type { Layer, Owner, Place, Rule } from '../../model/rule.ts';
import { condition, optionalIf } from './condition-reader.ts';
import { notKnown, quoted } from './yaml-reader.ts';
import {
  type Context,
  kindOf,
  listOf,
  mapOf,
  oneOf,
  optionalText,
  plainText,
  template,
  truthOf,
} from './yaml-shapes.ts';

const LAYERS: readonly Layer[] = ['local', 'dns', 'path', 'host', 'service'];
const OWNERS: readonly Owner[] = ['you', 'network-admin', 'server-admin', 'dns-admin', 'service-owner'];
const SCOPES = ['address', 'target'] as const;
const PLACES = Object.keys({
  'this-machine': true,
  resolver: true,
  'silent-resolver': true,
  target: true,
  stop: true,
  refuser: true,
  'before-host': true,
  acceptor: true,
  loop: true,
  mtu: true,
  cut: true,
  nowhere: true,
} satisfies Record<Place, true>) as Place[];

const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** e^10 is 22026 to 1: nothing that a client measures is worth more. */
const MOST_LOG_ODDS = 10;
const FEWEST_KEYS = 4;

/**
 * The rule of a YAML root. Every problem goes to `reader.wrong`; the rule is only fit for use when there was none.
 */
export function readRule(root: ParsedNode | null, file: string, context: Context): Rule {
  const { reader } = context;
  const keys = mapOf(
    root,
    'a rule',
    [
      'id',
      'title',
      'layer',
      'owner',
      'about',
      'when',
      'prior',
      'priorReason',
      'place',
      'evidence',
      'fix',
      'verify',
    ],
    ['titles', 'scope', 'lesser', 'observed', 'ruledOut', 'confusedWith', 'supersedes'],
    context,
  );
  // With so few of a rule's keys it is somebody else's file: none of its values is looked at, so none is quoted.
  if (keys.size < FEWEST_KEYS) keys.clear();
  const get = (key: string): Node | null => keys.get(key) ?? null;
  const id = idOf(get('id'), context);
  const expected = basename(file).replace(/\.yaml$/, '');
  if (id !== '' && id !== expected) {
    reader.wrong(get('id'), `the file is named "${basename(file)}", so the id must be "${expected}"`);
  }
  const scope = get('scope');
  const rule: Rule = {
    id,
    title: template(get('title'), context),
    ...(get('titles') === null
      ? {}
      : {
          titles: listOf(get('titles'), context, (item) => {
            const keys = mapOf(item, 'a title', ['if', 'say'], [], context);
            return {
              if: condition(keys.get('if'), context),
              say: template(keys.get('say'), context),
            };
          }),
        }),
    layer: oneOf(get('layer'), LAYERS, 'layer', context),
    ...(scope === null ? {} : { scope: oneOf(scope, SCOPES, 'scope', context) }),
    ...(get('lesser') === null ? {} : { lesser: truthOf(get('lesser'), context) }),
    ...(get('observed') === null ? {} : { observed: truthOf(get('observed'), context) }),
    owner: oneOf(get('owner'), OWNERS, 'owner', context),
    about: plainText(get('about'), context),
    when: condition(get('when'), context),
    prior: logOdds(get('prior'), context),
    priorReason: plainText(get('priorReason'), context),
    place: listOf(get('place'), context, (item) => {
      const keys = mapOf(item, 'a place', ['at'], ['if'], context);
      return { ...optionalIf(keys, context), at: oneOf(keys.get('at'), PLACES, 'place', context) };
    }),
    evidence: listOf(
      get('evidence'),
      context,
      (item) => {
        const keys = mapOf(item, 'evidence', ['if', 'weight', 'say'], ['reason'], context);
        return {
          if: condition(keys.get('if'), context),
          weight: weight(keys.get('weight'), context),
          say: template(keys.get('say'), context),
          ...optionalText(keys, 'reason', plainText, context),
        };
      },
      ({ if: asked }) => asked,
    ),
    fix: listOf(get('fix'), context, (item) => {
      const keys = mapOf(item, 'a fix', ['who', 'do'], ['if', 'system', 'run'], context);
      return {
        ...optionalIf(keys, context),
        who: oneOf(keys.get('who'), OWNERS, 'owner', context),
        ...optionalText(keys, 'system', plainText, context),
        do: template(keys.get('do'), context),
        ...optionalText(keys, 'run', template, context),
      };
    }),
    verify: listOf(get('verify'), context, (item) => {
      const keys = mapOf(
        item,
        'a check',
        ['who', 'do', 'expect'],
        ['if', 'system', 'run', 'outcomes', 'splits'],
        context,
      );
      return {
        ...optionalIf(keys, context),
        who: oneOf(keys.get('who'), OWNERS, 'owner', context),
        ...optionalText(keys, 'system', plainText, context),
        do: template(keys.get('do'), context),
        ...optionalText(keys, 'run', template, context),
        expect: template(keys.get('expect'), context),
        ...(keys.has('outcomes')
          ? { outcomes: listOf(keys.get('outcomes'), context, (n) => seen(n, context)) }
          : {}),
        ...(keys.has('splits')
          ? { splits: listOf(keys.get('splits'), context, (n) => cause(n, context)) }
          : {}),
      };
    }),
    ruledOut: listOf(
      get('ruledOut'),
      context,
      (item) => proof(item, context),
      ({ if: asked }) => asked,
    ),
    confusedWith: listOf(get('confusedWith'), context, (item) => {
      const keys = mapOf(item, 'confusedWith', ['id', 'say', 'decidedBy'], ['if'], context);
      return {
        id: cause(keys.get('id'), context),
        ...optionalIf(keys, context),
        say: template(keys.get('say'), context),
        decidedBy: template(keys.get('decidedBy'), context),
      };
    }),
    supersedes: listOf(get('supersedes'), context, (item) => cause(item, context)),
    file,
  };
  for (const { id: other, node } of context.named) {
    if (other === id) reader.wrong(node, 'a cause cannot name itself here');
  }
  return rule;
}

function seen(node: Node, context: Context): { see: string; means: string; cause?: string } {
  const keys = mapOf(node, 'an outcome', ['see', 'means'], ['cause'], context);
  return {
    see: template(keys.get('see'), context),
    means: template(keys.get('means'), context),
    ...optionalText(keys, 'cause', cause, context),
  };
}

/** `{ if, say }`, or a shared one by its name, where a further `if` must hold, too. */
function proof(node: Node, context: Context): Rule['ruledOut'][number] {
  const { reader, proofs } = context;
  const isShared = reader.yaml.isMap(node) && node.has('proof');
  if (!isShared) {
    const keys = mapOf(node, 'ruledOut', ['if', 'say'], [], context);
    return { if: condition(keys.get('if'), context), say: template(keys.get('say'), context) };
  }
  const keys = mapOf(node, 'ruledOut', ['proof'], ['if'], context);
  const name = plainText(keys.get('proof'), context);
  const shared = Object.hasOwn(proofs, name) ? proofs[name]! : null;
  if (shared === null) {
    if (name !== '')
      reader.wrong(keys.get('proof') ?? node, `unknown proof ${notKnown(name, Object.keys(proofs))}`);
    return { if: {}, say: '' };
  }
  const { if: further } = optionalIf(keys, context);
  return further === undefined ? shared : { if: { all: [shared.if, further] }, say: shared.say };
}

function idOf(node: Node | null | undefined, context: Context): string {
  const id = plainText(node, context);
  if (id !== '' && (!ID.test(id) || id.length > 64)) {
    context.reader.wrong(node ?? null, `an id is lower-case words with hyphens, not ${quoted(id)}`);
  }
  return id;
}

function cause(node: Node | null | undefined, context: Context): string {
  const id = plainText(node, context);
  if (node && id !== '') context.named.push({ id, node });
  return id;
}

function logOdds(node: Node | null | undefined, { reader }: Context): number {
  if (node === null || node === undefined) return 0;
  const value = reader.yaml.isScalar(node) ? node.value : null;
  if (typeof value !== 'number' || !(Math.abs(value) <= MOST_LOG_ODDS)) {
    reader.wrong(
      node,
      `expected log-odds between -${MOST_LOG_ODDS} and ${MOST_LOG_ODDS}, not ${kindOf(node, reader)}`,
    );
    return 0;
  }
  return value;
}

function weight(node: Node | null | undefined, context: Context): number {
  if (context.reader.yaml.isScalar(node) && node.value === 0) {
    context.reader.wrong(node, 'a weight of 0 says nothing: leave this evidence out, or weigh it');
  }
  return logOdds(node, context);
}
