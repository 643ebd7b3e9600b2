// Style and script of the HTML reports. Colours are variables: one set for light and for print, one
// for dark; each keeps a contrast of 4.5 for text and 3 for what is drawn (WCAG 2.2 AA).
#pragma once

namespace lowtide::show {

inline constexpr const char* kHtmlStyle = R"css(
:root{--page:#f6f7f5;--sheet:#fff;--ink:#16211f;--soft:#52605d;--line:#dfe4e1;--faint:#a3afab;
--power:#0b7a75;--power-soft:#cfe8e5;--grid:#a85b00;--carbon:#5a4a9c;--carbon-soft:#e6e2f5;--warn:#8a4b00;--warn-soft:#fff2dd;--rest:#e9edeb}
@media (prefers-color-scheme:dark){:root{--page:#0f1514;--sheet:#171f1e;--ink:#e8efed;--soft:#a2b1ad;--line:#2b3634;--faint:#5d6b68;
--power:#4cc9bf;--power-soft:#1d4542;--grid:#f0a952;--carbon:#b5a5f5;--carbon-soft:#2d2850;--warn:#f3c07a;--warn-soft:#3a2a12;--rest:#232d2b}}
@media print{:root{--page:#fff;--sheet:#fff;--ink:#000;--soft:#444;--line:#ccc;--faint:#888;
--power:#0b7a75;--power-soft:#cfe8e5;--grid:#a85b00;--carbon:#5a4a9c;--carbon-soft:#e6e2f5;--warn:#8a4b00;--warn-soft:#fff2dd;--rest:#e9edeb}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
.defs{position:absolute}
.skip{position:absolute;left:-999px;top:8px;background:var(--sheet);color:var(--ink);padding:8px 14px;border-radius:6px;z-index:2}
.skip:focus{left:8px}
:focus-visible{outline:3px solid var(--power);outline-offset:3px;border-radius:4px}
header,main,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:36px}
.brand{font-size:.8rem;font-weight:650;letter-spacing:.12em;text-transform:uppercase;color:var(--power);margin:0}
h1{font-size:clamp(1.6rem,4vw,2.3rem);line-height:1.15;letter-spacing:-.015em;margin:.15em 0 .2em;overflow-wrap:anywhere}
h2{font-size:1.15rem;letter-spacing:-.005em;margin:0 0 12px}
h3{font-size:.82rem;font-weight:600;color:var(--soft);margin:0}
.sub{color:var(--soft);margin:0;overflow-wrap:anywhere}
code{font:.86em/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.warn{display:inline-block;margin:14px 0 0;padding:6px 12px;border-radius:6px;background:var(--warn-soft);color:var(--warn);font-weight:600;font-size:.9rem}
section{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:22px 24px;margin:18px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(215px,1fr));gap:14px;margin:24px 0 0}
.card{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
.big{font-size:1.75rem;font-weight:650;letter-spacing:-.02em;line-height:1.2;margin:4px 0 2px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.big span{font-size:.95rem;font-weight:500;letter-spacing:0;color:var(--soft)}
.range,.note{margin:0;color:var(--soft);font-size:.86rem;overflow-wrap:anywhere}
.card .bar{margin:8px 0 4px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:0 18px;align-items:start}
p.lead{margin:0;max-width:78ch;overflow-wrap:anywhere}
ul{margin:0;padding-left:1.2em}li{margin:.2em 0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.86rem;padding-bottom:6px}
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);font-size:.82rem}
tbody tr:last-child>*{border-bottom:0}
tr.total>*{font-weight:650}
.num{text-align:right;padding-right:14px;white-space:nowrap}
tbody th .note{font-weight:400;white-space:normal}
tbody th{font-size:.9rem;color:var(--ink);font-weight:600;white-space:nowrap}tbody th:has(.note){min-width:9em}tbody td:first-child{overflow-wrap:normal}tbody th.part{padding-left:1.2em;font-weight:400;color:var(--soft)}
.facts td{overflow-wrap:anywhere}
.bar{display:block;width:100%;overflow:visible}
.track{fill:var(--line);opacity:.6}
.cut{stroke:var(--sheet);stroke-width:2}
.whisker line{stroke:var(--ink);stroke-width:1.5}.whisker .halo{stroke:var(--sheet);stroke-width:4.5}
.wide{min-width:150px;width:34%}
figure{margin:0}
.plot{overflow-x:auto}
.scrub{min-width:640px;position:relative;touch-action:pan-x pan-y}
.scrub svg{display:block;width:100%;height:auto}
.plot text{font-size:12.5px;fill:var(--soft);font-variant-numeric:tabular-nums}
.plot .name{fill:var(--ink);font-weight:600;font-size:13.5px}
.plot .rule{stroke:var(--line);stroke-width:1}
.plot .base{stroke:var(--faint);stroke-width:1}
.plot .gridline{fill:none;stroke:var(--grid);stroke-width:2}
.plot .carbonline{fill:none;stroke:var(--carbon);stroke-width:2.2;stroke-linejoin:round}
.plot .carbonarea{fill:var(--carbon-soft)}
.plot .poweredge{fill:none;stroke:var(--power);stroke-width:1.4}
.plot .whisker line{stroke:var(--carbon);stroke-width:1.8}
.plot .rest{fill:var(--rest)}
.plot .missing{fill:url(#missing)}
.plot #cursor{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;visibility:hidden}
#readout{min-height:1.6em;margin:8px 0 0;font-size:.9rem;font-variant-numeric:tabular-nums;color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin:8px 0 0;padding:0;list-style:none;font-size:.86rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:8px;margin:0}
details{margin-top:14px}summary{cursor:pointer;color:var(--power);font-weight:600;font-size:.9rem}
details>*+*{margin-top:10px}
.as{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:0}
.as div{border-left:3px solid var(--carbon);padding-left:12px}
.as dt{font-weight:650}.as dd{margin:0;color:var(--soft);font-size:.86rem}
footer{color:var(--soft);font-size:.86rem;padding-bottom:40px;overflow-wrap:anywhere}
@media (max-width:560px){header,main,footer{padding-left:14px;padding-right:14px}section{padding:18px 16px}}
@media print{@page{margin:14mm}body{font-size:10.5pt}.skip,#readout,summary{display:none}section,.card{border-color:#bbb;padding:10px 12px;margin:8px 0}
.card,figure,tr,.as div{break-inside:avoid}h2{break-after:avoid}th,td{padding:3px 10px 3px 0}.cards{grid-template-columns:repeat(4,1fr);gap:8px}.big{font-size:1.3rem}.scroll,.plot{overflow:visible}.scrub{min-width:0}}
)css";

// The chart's cursor by pointer and by arrow keys, and what is folded unfolded for print.
inline constexpr const char* kHtmlScript = R"js(
(() => {
  const box = document.getElementById('scrub');
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  if (!box) return;
  const d = JSON.parse(document.getElementById('series').textContent);
  const n = d.power.length, cursor = document.getElementById('cursor'), out = document.getElementById('readout');
  let at = n - 1;
  const figure = (v, unit) => v === null ? 'not known' : Number(v.toPrecision(3)) + ' ' + unit;
  const words = i => {
    const time = new Date(d.begin_ms + d.step_ms * (i + 0.5) + d.offset_ms).toISOString();
    const power = d.power[i] === null ? 'power not read' : figure(d.power[i], d.units[0]);
    return time.slice(0, 10) + ' ' + time.slice(11, d.step_ms < 500 ? 23 : 19) + ' · ' + power + ' · '
      + figure(d.intensity[i], d.units[1]) + ' · ' + figure(d.carbon[i], d.units[2]) + ' so far';
  };
  const show = i => {
    at = Math.max(0, Math.min(n - 1, i));
    const x = d.left + d.width * (at + 0.5) / n;
    cursor.setAttribute('x1', x); cursor.setAttribute('x2', x);
    cursor.style.visibility = 'visible';
    out.textContent = words(at);
    box.setAttribute('aria-valuenow', at); box.setAttribute('aria-valuetext', out.textContent);
  };
  out.textContent = 'Point at the chart, or move along it with the arrow keys.';
  box.tabIndex = 0;
  box.setAttribute('role', 'slider'); box.setAttribute('aria-label', 'Time of the run');
  box.setAttribute('aria-valuemin', 0); box.setAttribute('aria-valuemax', n - 1);
  box.setAttribute('aria-valuenow', at); box.setAttribute('aria-valuetext', words(at));
  box.addEventListener('pointermove', e => {
    const r = box.getBoundingClientRect();
    show(Math.floor(((e.clientX - r.left) / r.width * 1000 - d.left) / d.width * n));
  });
  const page = Math.ceil(n / 12);
  const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -page, PageUp: page, Home: -n, End: n };
  box.addEventListener('keydown', e => {
    if (!(e.key in moves)) return;
    e.preventDefault(); show(at + moves[e.key] * (e.shiftKey ? 10 : 1));
  });
  box.addEventListener('focus', () => show(at));
})();
)js";

}  // namespace lowtide::show
