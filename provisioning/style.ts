/**
 * The page's style. Contrast of text is 4.5:1 or more in both schemes (WCAG 2.2 AA), targets are 44 px high. ASCII
 * only. What depends on `:has` shows everything where a browser lacks it.
 */
export const STYLE = `:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#14202b;--soft:#4a5a68;--line:#8795a1;--thin:color-mix(in srgb,var(--line) 40%,transparent);--go:#0b57b0;--goink:#fff;--bad:#a3160f;--badbg:#fdecea;--good:#0c6b34;--goodbg:#e5f5eb;--warn:#6b4700;--warnbg:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--bg:#10171d;--card:#1a242d;--ink:#e9eff4;--soft:#a9b8c4;--line:#7c8b98;--go:#8fc1ff;--goink:#0a1a2c;--bad:#ffb4ab;--badbg:#42120f;--good:#8fe0ac;--goodbg:#0f3320;--warn:#ffd88a;--warnbg:#3a2a05}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:34rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.1rem;margin:0 0 .5rem}
section,form.card,.note{background:var(--card);border-radius:.75rem;padding:1rem;margin:0 0 1rem}
fieldset{border:0;padding:0;margin:0 0 1rem;min-width:0}
legend{font-weight:600;padding:0;margin:0 0 .5rem}
p{margin:0 0 .5rem}
form+p,input+p{margin-top:.5rem}
section>:last-child,.note>:last-child{margin-bottom:0}
.soft{color:var(--soft);font-size:.9rem}
.net{display:flex;gap:.75rem;align-items:center;min-height:2.75rem;padding:.4rem 0;border-top:1px solid var(--thin)}
.net:first-of-type{border-top:0}
.net input{width:1.25rem;height:1.25rem;flex:none;margin:0;accent-color:var(--go)}
.net b{font-weight:500;flex:1;min-width:0;overflow-wrap:anywhere;white-space:pre-wrap}
.net small{display:block;color:var(--soft);font-weight:400;white-space:normal}
.off b{color:var(--soft)}.off input{opacity:.4}
.bars{display:inline-flex;gap:2px;align-items:flex-end;height:16px;flex:none}
.bars i{width:4px;background:var(--thin);height:25%}
.bars i:nth-child(2){height:50%}.bars i:nth-child(3){height:75%}.bars i:nth-child(4){height:100%}
.b1 i:nth-child(-n+1),.b2 i:nth-child(-n+2),.b3 i:nth-child(-n+3),.b4 i{background:var(--ink)}
label.field{display:block;font-weight:600;margin:.75rem 0 .25rem}
input[type=text],input[type=password]{display:block;width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;color:var(--ink);background:var(--bg);border:1px solid var(--line);border-radius:.5rem}
.secret{margin-bottom:.75rem}
label.tick{display:flex;gap:.6rem;align-items:center;min-height:2.75rem}
label.tick input{width:1.25rem;height:1.25rem;flex:none;margin:0;accent-color:var(--go)}
button,.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.75rem;padding:.4rem 1rem;font:inherit;font-weight:600;border-radius:.5rem;border:1px solid var(--go);background:transparent;color:var(--go);text-decoration:none;cursor:pointer}
.go{width:100%;scroll-margin:1rem;background:var(--go);color:var(--goink)}
button:disabled{opacity:.6}
:focus-visible{outline:3px solid var(--go);outline-offset:2px}
.note{border-left:.35rem solid var(--go)}
.bad{border-color:var(--bad);background:var(--badbg)}.bad h2{color:var(--bad)}
.good{border-color:var(--good);background:var(--goodbg)}.good h2{color:var(--good)}
.warn{border-color:var(--warn);background:var(--warnbg)}.warn h2{color:var(--warn)}
dl{margin:0}
dt{color:var(--soft);font-size:.9rem}dd{margin:0 0 .5rem;overflow-wrap:anywhere}
code{font-family:ui-monospace,monospace;font-size:1.05em;user-select:all}
pre{font-size:.8rem;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}.lines{white-space:pre-line}
ol.saved{margin:0 0 1rem;padding:0;list-style:none}
ol.saved li{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;padding:.4rem 0}
ol.saved li+li{border-top:1px solid var(--thin)}
ol.saved b{flex:1 1 100%;font-weight:500;overflow-wrap:anywhere;white-space:pre-wrap}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.steps{list-style:none;margin:0 0 .5rem;padding:0}
.steps li{padding:.2rem 0 .2rem 1.75rem;position:relative;color:var(--soft)}
.steps li::before{content:"";position:absolute;left:.2rem;top:.6rem;width:.75rem;height:.75rem;border-radius:50%;border:2px solid currentColor}
.steps .done{color:var(--good)}.steps .done::before,.steps .failed::before{background:currentColor}
.steps .failed{color:var(--bad)}
.steps .now{color:var(--ink);font-weight:600}.steps .now::before{border-color:var(--go) transparent var(--go) var(--go);animation:turn 1s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
@media(prefers-reduced-motion:reduce){.steps .now::before{animation:none}}
[hidden]{display:none!important}
@supports selector(:has(*)){
.other,.weak{display:none}
form:has([value=other]:checked) .other,form:has([data-weak]:checked) .weak,form:has([value=other]:checked) .asked{display:block}
form:has([data-open]:checked) .secret{display:none}
}`;
