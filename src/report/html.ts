import type { Cause, Report } from '../model/report.ts';
import { HTML_STYLE } from './html-style.ts';
import { html, Markup } from './html-tag.ts';
import { LIKELIHOOD, OUTCOME_WORD } from './names.ts';
import type { PathTable } from './paths.ts';
import { picturesOf } from './picture/picture.ts';
import { railsSvg } from './picture/rails-svg.ts';
import { pictureSvg } from './picture/svg.ts';
import { type Block, type Line, spansOf } from './request/document.ts';
import { seenOf, withPlace } from './request/head.ts';
import { requestOf } from './request/request.ts';
import { safeDeep } from './sanitize.ts';
import { leadOf } from './tasks.ts';
import { asTyped } from './typed-name.ts';
import { percent } from './units.ts';
import { causeLine, isFaulty, rivalLine, rivals, targetName } from './wording.ts';

/** One self-contained file: no script, nothing fetched, readable on a phone, in the dark and on paper. */
export function renderHtml(report: Report): string {
  const shown = safeDeep(asTyped(report));
  const [, ...rest] = requestOf(shown);
  const facts = rest[0]?.kind === 'pairs' ? rest[0].rows : [];
  // Without a cause there are no facts, and what was found stands in the header already.
  const blocks = rest.slice(rest.findIndex(({ kind }) => kind === 'heading'));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${targetName(shown)}: ${OUTCOME_WORD[shown.outcome]}</title>
<style>${new Markup(HTML_STYLE)}</style>
</head>
<body class="${isFaulty(shown) ? 'impaired' : shown.outcome}">
<main>
${summary(
  shown,
  facts.filter(([name]) => name !== 'Seen' && name !== 'Certainty'),
)}
${pictures(shown)}
${sections(blocks).map(({ title, content }, index) => section(`s-${index + 1}`, title, content))}
</main>
</body>
</html>
`;
  return page.text;
}

/** What stands under each heading of the second level; what stands before the first has none. */
function sections(blocks: readonly Block[]): { title: Line | null; content: Block[] }[] {
  const found: { title: Line | null; content: Block[] }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level === 2) found.push({ title: block.text, content: [] });
    else if (found.length === 0) found.push({ title: null, content: [block] });
    else found.at(-1)?.content.push(block);
  }
  return found;
}

function section(id: string, title: Line | null, blocks: readonly Block[]): Markup {
  const content = blocks.map(drawn);
  if (title === null)
    return html`<section>${content}</section>
`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${line(title)}</h2>
${content}
</section>
`;
}

function summary(report: Report, facts: readonly (readonly [string, Line])[]): Markup {
  const cause = leadOf(report);
  return html`<header>
<p class="badge">${OUTCOME_WORD[report.outcome]}${isFaulty(report) ? ', with a fault' : null}</p>
<h1>${seenOf(report)}</h1>
<p class="cause">${cause === null ? causeLine(report) : `${withPlace(cause)}.`}</p>
${cause === null || cause.observed === true ? null : confidence(cause)}
${rivals(report).map((other) => html`<p class="rival">${rivalLine(other, report.causes[0])}</p>`)}
${facts.length === 0 ? null : html`<dl class="facts">${pairRows(facts)}</dl>`}
</header>`;
}

function confidence(cause: Cause): Markup {
  // The width repeats the number beside it; people who do not see it miss nothing.
  const share = Math.round(cause.confidence * 100);
  return html`<p class="confidence"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="6" rx="3"/><rect class="share" width="${share}" height="6" rx="3"/></svg><span>${LIKELIHOOD[cause.likelihood]}, ${percent(cause.confidence)}</span></p>`;
}

const pairRows = (rows: readonly (readonly [string, Line])[]): Markup[] =>
  rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${line(value)}</dd></div>
`,
  );

const line = (given: Line): Markup[] =>
  spansOf(given).map((span) =>
    typeof span === 'string'
      ? html`${span}`
      : 'code' in span
        ? html`<code>${span.code}</code>`
        : html`<b>${span.strong}</b>`,
  );

function drawn(block: Block): Markup {
  switch (block.kind) {
    case 'heading':
      return html`<h3>${line(block.text)}</h3>
`;
    case 'paragraph':
      return html`<p>${line(block.text)}</p>
`;
    case 'pairs':
      return html`<dl class="facts">${pairRows(block.rows)}</dl>
`;
    case 'quote':
      return html`<blockquote>${block.lines.map((text) => html`<p>${text}</p>`)}</blockquote>
`;
    case 'list': {
      const items = block.items.map(
        (item) => html`<li>${line(item)}</li>
`,
      );
      return block.numbered
        ? html`<ol>${items}</ol>
`
        : html`<ul>${items}</ul>
`;
    }
    case 'table': {
      // Many columns do not fit a phone: there every row becomes a list, each cell with the head of its column.
      const { head, rows } = block;
      const kind = head.length > 3 ? html` class="rows"` : null;
      return html`<div class="scroll"><table${kind}><thead><tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead><tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${row.map((cell, index) => html`<td class="words"${kind === null ? null : html` data-head="${head[index] ?? ''}"`}>${line(cell)}</td>`)}</tr>
`,
)}</tbody></table></div>
`;
    }
    case 'path':
      return pathTable(block.table);
    case 'command':
      return html`<pre class="run"><code>${block.run}</code></pre>
`;
    case 'raw':
      return html`<pre>${block.text}</pre>
`;
    case 'folded':
      return html`<details><summary>${block.title}</summary>${block.blocks.map(drawn)}</details>
`;
    case 'rails':
      return html`<figure>${railsSvg(block.rails)}</figure>
`;
    // It stands above everything else here.
    case 'picture':
      return html``;
  }
}

function pictures(report: Report): Markup[] {
  const all = picturesOf(report);
  return all.map((picture, index) => {
    const id = `picture-${index + 1}`;
    const title = all.length === 1 ? 'The path' : `The path to ${picture.address}`;
    return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<figure>${pictureSvg(picture, report.target.host)}</figure>
</section>
`;
  });
}

function pathTable(table: PathTable): Markup {
  const named = table.rows.some(({ name }) => name !== null);
  const part = html`<tr class="part"><td colspan="${2 + table.columns.length}">${table.partText}</td></tr>`;
  const rows = table.rows.map(
    (
      row,
      index,
    ) => html`${index === table.partBefore ? part : null}<tr><td>${row.hop}</td><td>${row.address === null ? '·' : html`<code>${row.address}</code>`}${named && row.name !== null ? html`<span class="name">${row.name}</span>` : null}</td>${row.cells.map((cell) => html`<td class="${cell?.answer ?? 'none'}">${cell?.text ?? ''}</td>`)}</tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Hop</th><th>Address</th>${table.columns.map(({ label }) => html`<th>${label}</th>`)}</tr></thead><tbody>
${rows}${table.partBefore === table.rows.length ? part : null}</tbody></table></div>`;
}
