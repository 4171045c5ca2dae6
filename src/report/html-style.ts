import { PICTURE_STYLE } from './picture/style.ts';

/** The style sheet of the HTML report. Colours repeat what words say. No url(), no import: the page fetches nothing. */
export const HTML_STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a1f26;--soft:#5b6673;--line:#dfe3e8;--good:#12794b;--bad:#b3261e;--warn:#8a5a00;--note:#2457a6;--tint:#eef1f5;--accent:var(--note);--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#12161b;--card:#1b2128;--ink:#e6eaef;--soft:#9aa6b3;--line:#313a44;--good:#58c993;--bad:#ff8f86;--warn:#e8b452;--note:#8ab4f8;--tint:#242c35}}
.reachable{--accent:var(--good)}.unreachable{--accent:var(--bad)}.impaired,.undetermined{--accent:var(--warn)}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main{max-width:60rem;margin:0 auto;padding:1rem}
header,section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem 1.3rem;margin:0 0 1rem}
header{border-top:5px solid var(--accent);padding-top:1.2rem}
.badge{display:inline-block;margin:0 0 .5rem;padding:.1rem .7rem;border-radius:99px;border:1.5px solid var(--accent);color:var(--accent);font-weight:650;font-size:.85rem}
h1{margin:0;font-size:1.2rem;line-height:1.35;font-weight:550}
.cause{margin:.35rem 0 .5rem;font-size:1.55rem;line-height:1.25;font-weight:700;letter-spacing:-.01em}
.rival{margin:.2rem 0}
.confidence{display:flex;align-items:center;gap:.7rem;margin:.2rem 0 .6rem;color:var(--soft)}
.confidence svg{width:9rem;height:6px;flex:none}.confidence .all{fill:var(--line)}.confidence .share{fill:var(--accent)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem 1.5rem;margin:1rem 0 0;padding-top:.9rem;border-top:1px solid var(--line)}
dt{font-size:.8rem;color:var(--soft)}dd{margin:0}
h2{margin:0 0 .7rem;font-size:1.1rem}h3{margin:0 0 .35rem;font-size:.95rem}
p{margin:.3rem 0}ul,ol{margin:.2rem 0;padding-left:1.2rem}li{margin:.25rem 0}
code,pre{font-family:var(--mono);font-size:.9em}
pre{margin:.4rem 0 .7rem;padding:.6rem .8rem;background:var(--tint);border-radius:8px;white-space:pre-wrap}
pre.run code::before{content:"$ ";color:var(--soft)}
figure{margin:0 0 .8rem}
.scroll{overflow-x:auto}.scroll+.scroll{margin-top:.8rem}td.words{white-space:normal!important;overflow-wrap:anywhere;min-width:7rem;vertical-align:top}
blockquote{margin:0;padding:.2rem 1rem;border-left:4px solid var(--note);background:var(--tint);border-radius:0 8px 8px 0}
section>h3:not(:first-of-type){margin-top:1.1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td:first-child{white-space:nowrap}th{text-align:left;color:var(--soft);font-weight:550}th,td{padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td code{overflow-wrap:normal}td.words code{overflow-wrap:anywhere}td .name{display:block;color:var(--soft);font-size:.85em}
td.syn-ack,td.reply{color:var(--good)}td.unreachable,td.rst{color:var(--bad)}td.silence{color:var(--warn)}
tr.part td{white-space:normal!important;color:var(--bad);font-weight:650;border-bottom:2px dashed var(--bad)}
summary{cursor:pointer}
@media (max-width:46rem){td.words{min-width:3.4rem}table{font-size:.82rem}.cause{font-size:1.3rem}header,section{padding:.9rem 1rem}main{padding:.6rem}}
@media screen and (max-width:46rem){td{overflow-wrap:break-word}th,td{padding-right:.35rem}.rows,.rows tbody,.rows tr,.rows td{display:block}.rows thead{display:none}.rows tr{border-bottom:1px solid var(--line);padding:.3rem 0}.rows td.words{border:0;padding:.1rem 0 .1rem 6.5rem;position:relative;min-height:1.6em}.rows td[data-head=""]{padding-left:0;font-weight:650}.rows td::before{content:attr(data-head);position:absolute;left:0;color:var(--soft)}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--good:#0b5c37;--bad:#9c1c15;--warn:#6b4600;--note:#1c478a;--tint:#f2f2f2}body{font-size:11pt}header,section{border-radius:0;border-width:0 0 1px;padding:.6rem 0}header{border-top-width:3px}.card,.sides>div,tr,figure,blockquote,pre.run,.evidence li{break-inside:avoid}h2,h3{break-after:avoid}details::details-content{content-visibility:visible;display:block}a{color:inherit}}
${PICTURE_STYLE}`;
