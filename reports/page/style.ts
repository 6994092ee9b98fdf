/** The page's only style: two palettes, of which each pair of text and ground keeps to WCAG AA. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--soft:#f4f6f8;--line:#d5dae0;--text:#1b1f24;--dim:#535c66;--link:#0a58b8;
--passed:#176b32;--passed-bg:#dff4e5;--failed:#a8201a;--failed-bg:#fde4e1;--broken:#7a4d00;--broken-bg:#fdf0d0;
--skipped:#4f5965;--skipped-bg:#e9edf1;--aborted:#5b34a8;--aborted-bg:#ede6fb;--accent:#0a58b8}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--soft:#1d232a;--line:#363e48;--text:#e4e8ec;--dim:#a3adb8;--link:#7db7ff;
--passed:#6fd58c;--passed-bg:#17331f;--failed:#ff938b;--failed-bg:#431d1b;--broken:#edc25b;--broken-bg:#3b2d0c;
--skipped:#b1bbc6;--skipped-bg:#2a313a;--aborted:#cbb0ff;--aborted-bg:#33264f;--accent:#7db7ff}}
*{box-sizing:border-box}
html{scroll-padding-top:3rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main,header.verdict{max-width:64rem;margin:0 auto;padding:0 1rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
h1{font-size:2.4rem;line-height:1.1;margin:.2rem 0 .3rem;letter-spacing:-.02em}
h2{font-size:1.25rem;margin:2.2rem 0 .5rem;padding-top:.4rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:.9rem 0 .3rem}
h4{font-size:.9rem;margin:.9rem 0 .25rem}
p{margin:.3rem 0}
ul,ol{margin:.3rem 0;padding-left:1.2rem}
pre,code,.name{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.86em}
.name{white-space:pre-wrap}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.6rem .7rem;margin:.4rem 0;max-height:26rem;overflow:auto;white-space:pre-wrap}
pre.wire{white-space:pre}
.over,.lead,.legend,.of,figcaption{color:var(--dim);font-size:.9rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.4rem}
header.verdict{padding-top:1.4rem;padding-bottom:1rem;border-left:10px solid var(--v);margin-top:1rem;background:var(--v-bg);border-radius:8px}
header.verdict h1{color:var(--v)}
header.verdict .over{color:var(--text)}
.verdict.passed{--v:var(--passed);--v-bg:var(--passed-bg)}.verdict.failed{--v:var(--failed);--v-bg:var(--failed-bg)}
.verdict.broken,.verdict.part{--v:var(--broken);--v-bg:var(--broken-bg)}
.sentence{font-size:1.15rem}
.bar{display:block;margin:.7rem 0 .4rem;border-radius:4px;background:var(--bg)}
rect.passed{fill:var(--passed)}rect.failed{fill:var(--failed)}rect.broken{fill:var(--broken)}rect.skipped{fill:var(--skipped)}rect.aborted{fill:var(--aborted)}
rect.never{fill:none;stroke:var(--text);stroke-dasharray:4 3}
.counts{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.3rem 0}
.counts .passed{color:var(--passed)}.counts .failed{color:var(--failed)}.counts .broken{color:var(--broken)}.counts .skipped{color:var(--skipped)}.counts .aborted{color:var(--aborted)}
.partial{border:2px dashed var(--v);border-radius:6px;padding:.4rem .6rem;margin:.7rem 0 0}
nav{position:sticky;top:0;z-index:2;background:var(--bg);border-bottom:1px solid var(--line)}
nav ul{list-style:none;display:flex;gap:1rem;overflow-x:auto;max-width:64rem;margin:0 auto;padding:.55rem 1rem;white-space:nowrap}
.badge{display:inline-block;white-space:nowrap;border-radius:4px;padding:0 .45em;font-size:.82rem;font-weight:600}
.badge.passed,.key.passed,td.passed,.key.success,td.success{color:var(--passed);background:var(--passed-bg)}
.badge.failed,.key.failed,td.failed,.key.normal,td.normal{color:var(--failed);background:var(--failed-bg)}
.badge.broken,.key.broken,td.broken,.key.reset,td.reset{color:var(--broken);background:var(--broken-bg)}
.badge.skipped,.key.skipped,td.skipped,.key.unsure,td.unsure{color:var(--skipped);background:var(--skipped-bg)}
.badge.aborted,.key.aborted,td.aborted{color:var(--aborted);background:var(--aborted-bg)}
.key{padding:0 .4em;border-radius:4px;margin-right:.4em;white-space:nowrap;display:inline-block}
.mark{border:1px solid var(--broken);color:var(--broken);border-radius:4px;padding:0 .4em;font-size:.82rem}
.counts .mark{padding:0 .4em}
.clouds>li,.group,.campaign{list-style:none;border:1px solid var(--line);border-left:5px solid var(--line);border-radius:6px;padding:.5rem .8rem;margin:.6rem 0}
.clouds{padding:0}.clouds>.failed,.group.failed,.campaign.failed{border-left-color:var(--failed)}.clouds>.broken,.group.broken,.campaign.broken{border-left-color:var(--broken)}.campaign.passed{border-left-color:var(--passed)}
.group h3{margin-top:.1rem}.decision{font-weight:600}
.said{white-space:pre-wrap}
.advice::before{content:"→ ";font-weight:700}
.code{font-weight:700}
.blame{border:1px solid var(--line);border-radius:4px;padding:0 .4em;font-size:.85rem}
.names{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.15rem 1.1rem}
li.worse{font-weight:600}.change.worse h3{color:var(--failed)}.bad{color:var(--failed)}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.1rem .9rem;margin:.4rem 0;font-size:.9rem}
dt{color:var(--dim);max-width:14rem}dd{margin:0;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em}
section.wide{position:relative;overflow-x:auto;margin:.4rem 0;border:0}
table{border-collapse:separate;border-spacing:3px;font-size:.88rem}
caption{text-align:left;color:var(--dim);padding:.2rem}
th{text-align:left;font-weight:500;white-space:nowrap;padding:.2rem .45rem}
thead th{color:var(--dim)}
.numbers{border-spacing:0;font-variant-numeric:tabular-nums}.numbers td{text-align:right;white-space:nowrap;padding:.15rem .6rem}.numbers tr>*{border-bottom:1px solid var(--line)}
.matrix td,.map td{text-align:center;border-radius:4px;padding:0;min-width:4.6rem;white-space:nowrap}
.map td{padding:.25rem .4rem;min-width:2.6rem}
.matrix td a{display:block;color:inherit;text-decoration:none;padding:.4rem .4rem}.matrix td a:hover{text-decoration:underline}
.matrix td small{display:block;font-size:.7rem}
td.empty{background:var(--soft)}td.mixed{outline:2px dashed currentColor;outline-offset:-3px}td.working{outline:3px solid var(--text)}
.chart{color:var(--accent)}.chart svg{max-width:100%;height:auto;display:block}
.chart text{fill:var(--text)}.chart .limits{stroke:var(--text)}
.chart .passed{fill:var(--passed)}.chart .failed{fill:var(--failed)}.chart .broken{fill:var(--broken)}.chart .skipped{fill:var(--skipped)}.chart .aborted{fill:var(--aborted)}
details>summary{cursor:pointer;padding:.15rem 0}
.case{border-bottom:1px solid var(--line);margin:0;content-visibility:auto;contain-intrinsic-size:auto 2.2rem}
.case>summary,.brief{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .7rem;padding:.35rem 0;list-style:none}
.case>summary::before{content:"▸";color:var(--dim)}.case[open]>summary::before{content:"▾"}.case>summary::-webkit-details-marker{display:none}
.brief{padding-left:1.4rem}
.case .took{margin-left:auto;color:var(--dim);font-variant-numeric:tabular-nums;white-space:nowrap}
.inside{padding:.1rem 0 1.2rem 1.3rem}
.case:target>summary{background:var(--soft);outline:2px solid var(--accent)}
.filter{width:100%;font:inherit;padding:.45rem .6rem;border:1px solid var(--dim);border-radius:6px;background:var(--bg);color:var(--text);margin:.3rem 0 .6rem}
.stages{list-style:none;padding:0;font-size:.84rem}
.stages li{display:grid;grid-template-columns:11rem 1fr 9.5rem;gap:.6rem;align-items:center}
.stages rect{fill:var(--accent)}.stages .aside{color:var(--dim)}.stages .aside rect{fill:var(--dim)}
.stages .took{text-align:right;margin:0}
.waves{margin:.8rem 0;border:1px solid var(--line);border-radius:6px;padding:.5rem}
.lanes{display:grid;grid-template-columns:7.2rem 1fr;font-size:.78rem}
.lanes ul{list-style:none;padding:0;margin:0}.lanes li{height:24px;line-height:24px;color:var(--dim);white-space:nowrap}
.lanes svg{display:block;overflow:hidden}
.lanes path{fill:none;vector-effect:non-scaling-stroke;stroke:var(--text);stroke-width:1.5px}
.lanes .host{stroke:var(--accent);stroke-width:12px}.lanes .module{stroke:var(--aborted);stroke-width:12px}
.lanes .stage{stroke:none;fill:var(--skipped-bg)}.lanes .stage.even{fill:var(--line)}
.axis text{fill:var(--dim);font-size:11px}
.zoom{display:flex;flex-wrap:wrap;gap:.3rem;margin-bottom:.4rem}.zoom[hidden]{display:none}
button{font:inherit;font-size:.84rem;color:var(--text);background:var(--soft);border:1px solid var(--dim);border-radius:5px;padding:.1rem .55rem;min-width:2rem;cursor:pointer}
footer{color:var(--dim);font-size:.85rem;max-width:64rem;margin:2rem auto;padding:0 1rem}
@media (max-width:560px){h1{font-size:1.9rem}.inside{padding-left:.2rem}.stages li{grid-template-columns:6.5rem 1fr 4.6rem}.stages small{display:none}.lanes{grid-template-columns:6.3rem 1fr}dl{grid-template-columns:1fr}dd{margin-bottom:.3rem}header.verdict{border-radius:0;margin-top:0}.chart svg{max-width:none}}
@media print{:root{--bg:#fff;--soft:#f4f6f8;--line:#bbb;--text:#000;--dim:#444;--link:#000}nav,.filter,.zoom{display:none!important}.case{content-visibility:visible}pre{max-height:none}details::details-content{content-visibility:visible;block-size:auto}body{font-size:11px}.group,.clouds>li{break-inside:avoid}}
`;
