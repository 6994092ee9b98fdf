/**
 * All script of the page; it reads whole without. A link to a case opens it, a field finds cases, waves are zoomed, and
 * what went wrong is unfolded for the printer. It makes no markup: it sets attributes and texts alone.
 */
export const SCRIPT = `
"use strict";
const open=()=>{const at=location.hash.slice(1)&&document.getElementById(location.hash.slice(1));
for(let e=at;e;e=e.parentElement)if(e.tagName==="DETAILS")e.open=true;if(at)at.scrollIntoView()};
addEventListener("hashchange",open);open();
document.addEventListener("click",e=>{const a=e.target.closest("a[href^='#']");if(a&&a.hash===location.hash)open()});
addEventListener("beforeprint",()=>{for(const e of document.querySelectorAll("details.wrong"))e.open=true});
const field=document.getElementById("find");
if(field){field.hidden=false;const cases=[...document.querySelectorAll(".case")];
const texts=cases.map(e=>(e.querySelector("summary")||e).textContent.toLowerCase());
const found=document.getElementById("found");
field.addEventListener("input",()=>{const words=field.value.toLowerCase().split(" ").filter(Boolean);let n=0;
cases.forEach((e,i)=>{e.hidden=!words.every(w=>texts[i].includes(w));if(!e.hidden)n++});
found.textContent=words.length?n+" of "+cases.length+" cases":""})}
const told=us=>Math.abs(us)<1e4?+(us/1e3).toFixed(3)+" ms":us<1e6?(us/1e3).toFixed(us<1e5?1:0)+" ms":+(us/1e6).toFixed(3)+" s";
for(const figure of document.querySelectorAll("figure.waves")){
const end=+figure.dataset.end,plot=figure.querySelector(".plot"),ticks=[...figure.querySelectorAll(".axis text")];
const height=plot.viewBox.baseVal.height;let from=0,span=end;
const show=(a,b)=>{span=Math.min(end,Math.max(100,b-a));from=Math.min(end-span,Math.max(0,a));
plot.setAttribute("viewBox",from+" 0 "+span+" "+height);
ticks.forEach((t,i)=>{t.textContent=told(from+span*i/(ticks.length-1))})};
const act=what=>{const mid=from+span/2;
if(what==="whole")show(0,end);else if(what==="in")show(mid-span/4,mid+span/4);else if(what==="out")show(mid-span,mid+span);
else if(what==="left")show(from-span/2,from+span/2);else if(what==="right")show(from+span/2,from+span*1.5);
else{const [a,b]=what.split(" ").map(Number);show(a,b)}};
const zoom=figure.querySelector(".zoom");zoom.hidden=false;
zoom.addEventListener("click",e=>{const b=e.target.closest("button");if(b)act(b.dataset.zoom)});
const keys={"+":"in","=":"in","-":"out",ArrowLeft:"left",ArrowRight:"right","0":"whole"};
figure.addEventListener("keydown",e=>{const what=keys[e.key];if(what&&!e.ctrlKey&&!e.metaKey&&!e.altKey){act(what);e.preventDefault()}});
plot.addEventListener("dblclick",e=>{const r=plot.parentElement.getBoundingClientRect();
const at=from+span*(e.clientX-r.left)/r.width;show(at-span/8,at+span/8)})}
`;
