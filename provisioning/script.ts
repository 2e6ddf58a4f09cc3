/**
 * What makes the page better where scripts run: the password shown, the MAC copied, and the status followed without reloading, also over a lost connection. ASCII only, no `</`.
 */
export const SCRIPT = `(function(){
var d=document,q=function(s){return d.querySelector(s)};
var p=q("#password"),t=q("#show");
if(t){t.parentNode.hidden=false;t.onchange=function(){p.type=t.checked?"text":"password"}}
function wire(){d.querySelectorAll("[data-done]").forEach(function(c){c.hidden=false;c.onclick=function(){
var r=d.createRange(),s=getSelection();r.selectNodeContents(c.previousSibling);s.removeAllRanges();s.addRange(r);
try{d.execCommand("copy");c.textContent=c.dataset.done}catch(e){}}})}
wire();
var f=q("#join");
if(f){f.onsubmit=function(){setTimeout(function(){q("#go").disabled=true},0)};
onpageshow=function(){q("#go").disabled=false};
f.onclick=function(e){if(e.detail&&e.target.closest(".net"))setTimeout(function(){q("#go").scrollIntoView({block:"nearest"})},0)}}
if(q("[data-searching]"))setTimeout(function(){location.replace("/?choose")},2500);
var l=q("#live");
if(!l)return;
var lost=q("#lost");
function next(ms){setTimeout(ask,ms)}
function ask(){
if(l.dataset.over)return;
var x=new XMLHttpRequest();
x.open("GET","/status?part=1&attempt="+l.dataset.attempt);
x.timeout=4000;
x.onload=function(){lost.hidden=true;
if(x.status==404)return location.reload();
if(x.status==200&&x.responseText!=l.dataset.seen){l.innerHTML=l.dataset.seen=x.responseText;wire();
var o=l.querySelector("[data-over]");if(o)l.dataset.over=1}
next(700)};
x.onerror=x.ontimeout=function(){lost.hidden=false;next(1000)};
x.send()}
next(300)
})()`;
