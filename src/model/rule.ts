import type { FactValue } from './facts.ts';

export type Layer = 'local' | 'dns' | 'path' | 'host' | 'service';
export type Owner = 'you' | 'network-admin' | 'server-admin' | 'dns-admin' | 'service-owner';

/** True where the named fact says so in every key; unknown where a fact it needs is null (`measured` and `notKnownToBe` are never unknown). */
export type Comparison = {
  not?: FactValue;
  /** True of another value, and of what was not measured. */
  notKnownToBe?: FactValue;
  above?: number;
  below?: number;
  atLeast?: number;
  atMost?: number;
  in?: FactValue[];
  measured?: boolean;
  equals?: string;
  moreThan?: string;
  lessThan?: string;
};
/** A map of tests that must all hold: facts by name, and the groups `all`, `any`, `none` of further conditions. */
export type Condition = { [test: string]: FactValue | Comparison | Condition[] };

/** Names of the places a cause can be at; src/judge/rules/place.ts turns them into a Where. */
export type Place =
  | 'this-machine'
  | 'resolver'
  | 'silent-resolver'
  | 'target'
  | 'stop'
  | 'refuser'
  | 'before-host'
  | 'acceptor'
  | 'loop'
  | 'mtu'
  | 'cut'
  | 'nowhere';

export interface RuleEvidence {
  if: Condition;
  /** Log-odds added when the condition is true; negative speaks against. */
  weight: number;
  say: string;
  /** Why this weight (calibration note). */
  reason?: string;
}

export interface RuleFix {
  who: Owner;
  /** Given only where this is true; absent = always. */
  if?: Condition;
  /** A system of src/model/systems.ts that this is for; absent = for every system. */
  system?: string;
  do: string;
  run?: string;
}

export interface RuleVerify {
  who: Owner;
  /** Given only where this is true; absent = always. */
  if?: Condition;
  /** As in a fix. */
  system?: string;
  do: string;
  run?: string;
  expect: string;
  /** What may be seen, one row each, and what it means; `cause` names the cause that it points to. */
  outcomes?: { see: string; means: string; cause?: string }[];
  /** Causes that this check tells from the rule's own: it comes first when one of them is the runner-up. */
  splits?: string[];
}

export interface Rule {
  id: string;
  title: string;
  /** Another title where its condition holds; the first that fits. */
  titles?: { if: Condition; say: string }[];
  layer: Layer;
  /** `target`: one finding for all addresses of the target (default for the layer dns); `address`: each address has its own. */
  scope?: 'address' | 'target';
  /** A finding that is worth a line even when something else is the cause (one dead resolver among live ones). */
  lesser?: boolean;
  /** It is read off what was heard (a date, a status, a name), not inferred: told without a share. */
  observed?: boolean;
  owner: Owner;
  /** Plain-language paragraph for --explain. */
  about: string;
  when: Condition;
  prior: number;
  priorReason: string;
  place: { if?: Condition; at: Place }[];
  evidence: RuleEvidence[];
  fix: RuleFix[];
  verify: RuleVerify[];
  /** Proof that it is not this cause: quoted in ruledOut when true. */
  ruledOut: { if: Condition; say: string }[];
  /** Causes this one can be confused with from the client, and what decides. */
  confusedWith: { id: string; if?: Condition; say: string; decidedBy: string }[];
  supersedes: string[];
  /** File name, for messages. */
  file?: string;
}

/** What several rules share: rules/conditions.yaml. Rules refer to it by name; a rule that was read holds what stands there. */
export interface Shared {
  conditions: Record<string, Condition>;
  proofs: Record<string, Rule['ruledOut'][number]>;
}

/** Everything that a folder of rules says. */
export interface RuleBook {
  rules: Rule[];
  shared: Shared;
}
