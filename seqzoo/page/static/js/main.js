// The page: its tabs, its colours; inside a worker the answers to long questions.
import { h, put } from "./dom.js";
import { startLoader } from "./loader.js";
import { MemoryTab } from "./memorytab.js";
import { PriceTab } from "./pricetab.js";
import { TextTab } from "./texttab.js";
import { startTheme } from "./theme.js";
import { Desk, serve } from "./work.js";

// By what the models read.
const TABS = {
  words: { title: "Texts", make: TextTab },
  prices: { title: "Prices", make: PriceTab },
};

function start(manifest) {
  startLoader();
  startTheme(document.getElementById("theme"));
  // The bundle is one function, whose text is all that a worker needs.
  const desk = new Desk(typeof seqzooPage === "function" ? seqzooPage : null);
  const tabs = manifest.tabs.filter(({ kind }) => kind in TABS).map((tab) => ({ ...TABS[tab.kind], id: tab.kind, options: { tab, manifest, desk } }));
  tabs.push({ title: "Long memory", id: "memory", make: MemoryTab, options: { manifest, desk } });
  const list = document.getElementById("tabs");
  const place = document.getElementById("panels");
  for (const tab of tabs) {
    tab.panel = h("section", { id: `panel-${tab.id}`, role: "tabpanel", tabIndex: -1, "aria-labelledby": `tab-${tab.id}`, hidden: true });
    tab.button = h("button", { type: "button", id: `tab-${tab.id}`, role: "tab", "aria-controls": tab.panel.id, onclick: () => open(tab) }, tab.title);
    place.append(tab.panel);
  }
  put(list, tabs.map(({ button }) => button));
  list.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const now = tabs.findIndex(({ panel }) => !panel.hidden);
    const next = tabs[(now + by + tabs.length) % tabs.length];
    open(next);
    next.button.focus();
  });

  function open(tab) {
    for (const other of tabs) {
      other.panel.hidden = other !== tab;
      other.button.setAttribute("aria-selected", String(other === tab));
      other.button.tabIndex = other === tab ? 0 : -1;
    }
    if (tab.shown) return void tab.shown.lab.score.layout();
    tab.shown = new tab.make(tab.options);
    tab.panel.append(tab.shown.element);
    tab.shown.start();
  }

  open(tabs[0]);
}

if (typeof document === "undefined") serve(globalThis);
else window.seqzooManifest = start;
