import type { Cause, Report, Statement } from '../model/report.ts';
import type { Owner } from '../model/rule.ts';
import { tried } from './answers.ts';
import { HTML_STYLE } from './html-style.ts';
import { html, Markup } from './html-tag.ts';
import { CONNECT, LIKELIHOOD, OUTCOME_WORD, OWNER, OWNER_HEADING, sourceWords } from './names.ts';
import { observationWords } from './observation-words.ts';
import { type PathTable, pathTables } from './paths.ts';
import { picturesOf } from './picture/picture.ts';
import { pictureSvg } from './picture/svg.ts';
import { safeDeep } from './sanitize.ts';
import { asSentence, duration, percent } from './units.ts';
import {
  causeLine,
  likely,
  outcomeLine,
  ownersOf,
  rivalLine,
  rivals,
  ruledOutTexts,
  shortWhere,
  targetName,
  whereWords,
} from './wording.ts';

/** One self-contained file: no script, nothing fetched, readable on a phone, in the dark and on paper. */
export function renderHtml(report: Report): string {
  const shown = safeDeep(report);
  const tables = pathTables(shown);
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
<body class="${shown.outcome}">
<main>
${summary(shown)}
${pictures(shown)}
${lead(shown)}
${tables.map((table) => path(table))}
${seen(shown)}
${others(shown)}
${unknown(shown)}
${appendix(shown)}
</main>
${footer(shown)}
</body>
</html>
`;
  return page.text;
}

function section(id: string, title: string, ...content: Markup[]): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`;
}

function summary(report: Report): Markup {
  const [cause] = report.causes;
  return html`<header>
<p class="badge">${OUTCOME_WORD[report.outcome]}</p>
<h1>${outcomeLine(report)}</h1>
<p class="cause">${cause === undefined ? causeLine(report) : asSentence(cause.title)}</p>
${cause === undefined ? null : confidence(cause)}
${rivals(report).map((other) => html`<p class="rival">${rivalLine(other)}</p>`)}
${cause === undefined ? null : facts(report, cause)}
</header>`;
}

function confidence(cause: Cause): Markup {
  // The width repeats the number beside it; people who do not see it miss nothing.
  const share = Math.round(cause.confidence * 100);
  return html`<p class="confidence"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="100" height="6" rx="3"/><rect class="share" width="${share}" height="6" rx="3"/></svg><span>${LIKELIHOOD[cause.likelihood]}, ${percent(cause.confidence)}</span></p>`;
}

function facts(report: Report, cause: Cause): Markup {
  return html`<dl class="facts">
${cause.where === null ? null : html`<div><dt>Where</dt><dd>${whereWords(cause.where)}</dd></div>`}
<div><dt>Who can fix it</dt><dd>${ownersOf(report)}</dd></div>
${cause.address === null ? null : html`<div><dt>Address concerned</dt><dd><code>${cause.address}</code></dd></div>`}
</dl>`;
}

function byOwner<T extends { who: Owner }>(tasks: readonly T[]): [Owner, T[]][] {
  return [...new Set(tasks.map(({ who }) => who))].map((owner) => [
    owner,
    tasks.filter(({ who }) => who === owner),
  ]);
}

const command = (run: string | null): Markup | null =>
  run === null ? null : html`<pre class="run"><code>${run}</code></pre>`;

function lead(report: Report): Markup | null {
  const [cause] = report.causes;
  if (cause === undefined) return null;
  const fixes = byOwner(cause.fixes).map(
    ([owner, tasks]) => html`<div class="card"><h3>${OWNER_HEADING[owner]}</h3>
${tasks.map((task) => html`<p>${task.do}</p>${command(task.run)}`)}</div>`,
  );
  const checks = byOwner(cause.verify).map(
    ([owner, tasks]) => html`<div class="card"><h3>${OWNER_HEADING[owner]}</h3>
${tasks.map((task) => html`<p>${task.do}</p>${command(task.run)}<p class="expect"><b>Expect</b> ${task.expect}</p>`)}</div>`,
  );
  const evidence = html`<div class="sides">
${statements('Speaks for it', 'for', cause.because)}
${statements('Speaks against it', 'against', cause.against)}
</div>`;
  return html`${fixes.length > 0 ? section('do', 'What to do', html`<div class="cards">${fixes}</div>`) : null}
${checks.length > 0 ? section('check', 'How to check it', html`<div class="cards">${checks}</div>`) : null}
${cause.because.length + cause.against.length > 0 ? section('why', 'Why this cause', evidence) : null}`;
}

function statements(title: string, side: string, list: readonly Statement[]): Markup | null {
  if (list.length === 0) return null;
  return html`<div class="${side}"><h3>${title}</h3><ul>
${list.map(({ text, evidence }) => html`<li>${text}${evidence.map((id) => html` <a class="id" href="#o-${id}">${id}</a>`)}</li>`)}
</ul></div>`;
}

function pictures(report: Report): Markup[] {
  const drawn = picturesOf(report);
  return drawn.map((picture, index) =>
    section(
      `picture-${index + 1}`,
      drawn.length === 1 ? 'The path' : `The path to ${picture.address}`,
      html`<figure>${pictureSvg(picture, report.target.host)}</figure>`,
    ),
  );
}

function path(table: PathTable): Markup {
  const named = table.rows.some(({ name }) => name !== null);
  const part = html`<tr class="part"><td colspan="${2 + table.columns.length}">${table.partText}</td></tr>`;
  const rows = table.rows.map(
    (
      row,
      index,
    ) => html`${index === table.partBefore ? part : null}<tr><td>${row.hop}</td><td>${row.address === null ? '·' : html`<code>${row.address}</code>`}${named && row.name !== null ? html`<span class="name">${row.name}</span>` : null}</td>${row.cells.map((cell) => html`<td class="${cell?.answer ?? 'none'}">${cell?.text ?? ''}</td>`)}</tr>
`,
  );
  return section(
    `path-${table.address}`,
    `Path to ${table.address}`,
    html`<div class="scroll"><table><thead><tr><th>Hop</th><th>Address</th>${table.columns.map(({ label }) => html`<th>${label}</th>`)}</tr></thead><tbody>
${rows}${table.partBefore === table.rows.length ? part : null}</tbody></table></div>`,
  );
}

function seen(report: Report): Markup {
  const { answers, fails } = tried(report);
  const both = answers.length > 0 && fails.length > 0;
  const list = (title: string, side: string, items: readonly string[]): Markup | null =>
    items.length === 0
      ? null
      : html`<div class="${side}"><h3>${both ? title : 'What was tried'}</h3><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></div>`;
  const addresses = report.target.addresses.map(
    ({ address, source, outcome }) =>
      html`<li><code>${address}</code> (${sourceWords(source)}): ${CONNECT[outcome]}</li>`,
  );
  return section(
    'seen',
    'What was seen',
    html`<ul>${addresses.length === 0 ? html`<li>No address was found for the name.</li>` : addresses}</ul>
<div class="sides">${list('What answers', 'for', answers)}${list('What does not', 'fails', fails)}</div>`,
  );
}

function others({ causes, ruledOut }: Report): Markup {
  const [, ...rest] = causes;
  const items = rest.map((cause) => {
    const place = shortWhere(cause.where);
    return html`<li><b>${likely(cause)}:</b> ${cause.title}${place === null ? '' : `, ${place}`} (${OWNER[cause.owner]})
<ul>${cause.because.map(({ text }) => html`<li>For: ${text}</li>`)}${cause.against.map(({ text }) => html`<li>Against: ${text}</li>`)}</ul></li>`;
  });
  return html`${items.length > 0 ? section('others', 'Other causes considered', html`<ul>${items}</ul>`) : null}
${ruledOut.length > 0 ? section('ruled-out', 'Ruled out', html`<ul>${ruledOutTexts({ ruledOut }).map((text) => html`<li>${text}</li>`)}</ul>`) : null}`;
}

function unknown({ cannotTell, notChecked }: Report): Markup {
  const open = cannotTell.map(
    ({ text, decidedBy }) =>
      html`<li>${text} <span class="decides">Decided by: ${asSentence(decidedBy)}</span></li>`,
  );
  const skipped = notChecked.map(
    ({ probe, reason, enable }) =>
      html`<li><code>${probe}</code>: ${asSentence(reason)}${enable === null ? null : html` To enable it: <code>${enable}</code>`}</li>`,
  );
  return html`${open.length > 0 ? section('cannot-tell', 'What cannot be told from here', html`<ul>${open}</ul>`) : null}
${skipped.length > 0 ? section('not-checked', 'Not checked', html`<ul>${skipped}</ul>`) : null}`;
}

function appendix({ observations }: Report): Markup | null {
  if (observations.length === 0) return null;
  const items = observations.map((observation) => {
    const { id, command: line, raw, durationMs } = observation;
    const head = html`<code>${id}</code> ${observationWords(observation)} <span class="took">${duration(durationMs)}</span>`;
    const output = raw === null || raw.trim() === '' ? null : html`<pre>${raw}</pre>`;
    if (line === null && output === null) return html`<li id="o-${id}">${head}</li>`;
    return html`<li id="o-${id}"><details><summary>${head}</summary>${command(line)}${output}</details></li>`;
  });
  return section('evidence', 'Evidence', html`<ol class="evidence">${items}</ol>`);
}

function footer({ vantage, startedAt, durationMs, tool, target }: Report): Markup {
  const list = (items: readonly string[]): string => (items.length === 0 ? 'not known' : items.join(', '));
  const privileges = vantage.privileges === 'root' ? 'as root' : 'without special privileges';
  return html`<footer><dl>
<div><dt>Measured from</dt><dd>${list(vantage.addresses)} (${vantage.os}, ${privileges})</dd></div>
<div><dt>DNS resolvers</dt><dd>${list(vantage.resolvers)}</dd></div>
<div><dt>Target as given</dt><dd>${target.input}${target.service === null ? '' : `, service ${target.service}`}</dd></div>
<div><dt>At</dt><dd>${startedAt}, for ${duration(durationMs)}, by reachdoctor ${tool.version}</dd></div>
</dl></footer>`;
}
