import type { FactDefinition, Facts, FactTable, FactValue } from '../../model/facts.ts';
import { PROTOCOL_WORD, SERVICE_WORD } from '../../report/protocol-words.ts';
import { FACT_TABLE } from '../facts/index.ts';

// {fact.name} or {fact.name|words for when it is not known}; {{word}} is the text {word}.
// Braces around anything else ({ 80, 443 }, {print $1}) are text, so that nft and awk lines need no escapes.
const PLACEHOLDER = /\{\{([^{}]*)\}\}|\{([A-Za-z][\w.-]*)(?:\|([^{}]*))?\}/g;

/** Names of the placeholders of a template, with their offsets in it. */
export function placeholdersOf(template: string): { name: string; offset: number }[] {
  return [...template.matchAll(PLACEHOLDER)]
    .filter((match) => match[2] !== undefined)
    .map((match) => ({ name: match[2]!, offset: match.index }));
}

/**
 * The sentence with the facts in their places, protocols as people spell them. Text from the network stays as it is:
 * whoever prints it escapes it.
 */
export function sentence(template: string, facts: Facts, table: FactTable = FACT_TABLE): string {
  return fill(template, (name, otherwise) => {
    const value = facts[name] ?? null;
    if (value === null) return otherwise ?? 'unknown';
    if (name === 'service' && Object.hasOwn(SERVICE_WORD, String(value))) return SERVICE_WORD[String(value)]!;
    return isProtocol(table[name]) ? PROTOCOL_WORD[value as keyof typeof PROTOCOL_WORD] : words(value);
  });
}

/** Whether all that the fact ever says are names of protocols. */
const isProtocol = (fact: FactDefinition | undefined): boolean =>
  fact?.values?.every((word) => Object.hasOwn(PROTOCOL_WORD, word)) === true;

/**
 * A command for people to copy. A fact that is not known, and one with characters that a shell could read as more
 * than a word (it may come from a stranger), becomes a word in capitals for the reader to replace: `ADDRESS`.
 */
export function commandLine(template: string, facts: Facts): string {
  return fill(template, (name, otherwise, isQuoted) => {
    const value = facts[name] ?? null;
    if (value === null) return otherwise ?? stand(name);
    const text = words(value);
    if (isQuoted && WEB_ADDRESS.test(text)) return text;
    if (OURS.has(name) || ENDPOINT.test(text)) return text;
    return /^[A-Za-z0-9_.:/@%+][A-Za-z0-9_.:/@%+-]*$/.test(text) ? text : stand(name);
  });
}

/** Facts that are made of nothing but words of ours, so that spaces in them part words. */
const OURS: ReadonlySet<string> = new Set(['starttls']);
/** An IPv6 address in brackets with its port, perhaps with a scheme: for a place in quotes. */
const ENDPOINT = /^(https?:\/\/)?\[[0-9a-f:.]+\](:\d{1,5})?\/?$/;
/** With a path that single quotes keep from the shell. */
const WEB_ADDRESS = /^https?:\/\/[\w.~:/@%+,=;!*()[\]-]+$/;

/** The template before anything is measured: each placeholder a word in capitals. */
export const inGeneral = (template: string): string => fill(template, stand);

type Filler = (name: string, otherwise: string | undefined, isQuoted: boolean) => string;

function fill(template: string, value: Filler): string {
  return template.replace(
    PLACEHOLDER,
    (
      whole: string,
      literal: string | undefined,
      name: string | undefined,
      otherwise: string | undefined,
      at: number,
    ) =>
      name === undefined
        ? `{${literal}}`
        : value(name, otherwise, template[at - 1] === "'" && template[at + whole.length] === "'"),
  );
}

function words(value: Exclude<FactValue, null>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value);
  const digits = Math.abs(value) < 1 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return String(Number(value.toFixed(digits)));
}

/** `path.target.lastAddress` -> `LAST_ADDRESS`. */
function stand(name: string): string {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return last
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/-/g, '_')
    .toUpperCase();
}
