// The look of an HTML report: light, dark and on paper, without anything from elsewhere.

/** Shades of heat, from the weakest to the strongest. */
export const SHADES = 12

const shades = Array.from(
  { length: SHADES },
  (_, at) => `.h${at + 1}{background:rgb(var(--heat)/${(((at + 1) / SHADES) * 100).toFixed(0)}%)}`,
).join('')

export const style = `
:root{--ink:#1a1b1e;--mute:#63666b;--line:#dcdcd8;--paper:#fdfdfb;--panel:#fff;--heat:245 160 48;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e4e5e7;--mute:#9a9ca2;--line:#33363c;--paper:#141517;--panel:#1b1d20;--heat:180 105 10}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2.5rem 1.5rem;font:15px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper);font-variant-numeric:tabular-nums}
h1{font-size:1.7rem;margin:0}h2{font-size:1.25rem;margin:2.4rem 0 .3rem}h3{font-size:1.05rem;margin:0}h4{font-size:.8rem;margin:1rem 0 .3rem;color:var(--mute)}
.mute,small{color:var(--mute)}
article{border:1px solid var(--line);border-radius:10px;background:var(--panel);padding:1rem 1.2rem;margin:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--mute)}dd{margin:0}
ol.contexts{list-style:none;margin:0;padding:0}
ol.contexts li{display:flex;gap:1rem;justify-content:space-between;border-top:1px solid var(--line);padding:.3rem 0}
ol.contexts small{flex:none;text-align:end}
figure{margin:0}.charts{grid-template-columns:repeat(auto-fit,minmax(22rem,1fr))}
.text,pre{font:12.5px/1.7 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
.text span,.text b{border-radius:3px}.text b{text-decoration:underline 1.5px;text-underline-offset:3px}
.flag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:0 .5rem;font-size:.78rem;margin-right:.3rem}
table{border-collapse:collapse;width:100%;font-size:.86rem}th,td{text-align:start;vertical-align:top;padding:.22rem .8rem .22rem 0;border-top:1px solid var(--line)}thead th{border:0;color:var(--mute);font-weight:500}td.n,th.n{text-align:end}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:0 1.5rem}
svg{max-width:100%;height:auto}
pre{border:1px solid var(--line);border-radius:8px;padding:.8rem;background:var(--panel);max-width:100%;overflow:auto}
nav ol{margin:.3rem 0;padding-left:1.4rem}nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 .9rem;margin:0;padding:0;max-height:14rem;overflow:auto;font-size:.86rem}
a{color:inherit;text-underline-offset:3px}summary{cursor:pointer;color:var(--mute)}
blockquote{margin:0;padding-left:1rem;border-left:3px solid var(--line)}
${shades}
@media print{:root{--ink:#000;--mute:#444;--line:#bbb;--paper:#fff;--panel:#fff;--heat:245 160 48;color-scheme:light}
body{max-width:none;padding:0;font-size:11px}article{break-inside:auto;border:0;border-top:1px solid var(--line);border-radius:0;padding:.6rem 0}h2,h3,h4{break-after:avoid}li,tr,svg{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto}nav ul{max-height:none}
span,b,.flag{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{margin:16mm}}
`
