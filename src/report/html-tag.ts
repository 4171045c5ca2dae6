import { escapeHtml } from './sanitize.ts';

/** Text that is HTML already. Only `html` and constants of this directory make one. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | null | readonly Value[];

function textOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escapeHtml(String(value));
}

/** Everything put in is escaped, in text and in quoted attributes, unless `html` made it. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(strings.reduce((all, part, index) => all + textOf(values[index - 1] ?? null) + part));
}
