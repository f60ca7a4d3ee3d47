"use strict";
// The request as JSON, curl, Python and a command line, and what is wrong with it.
(() => {
  const { h, fill, button } = Studio;
  const VIEWS = [["body", "JSON"], ["curl", "curl"], ["python", "Python"], ["command", "Command line"]];

  // `edited(text)` is called with what a person writes into the JSON view; `whole()` answers the views with all files.
  Studio.views = (edited, whole) => {
    const editor = h("textarea", {
      id: "editor", class: "code", spellcheck: "false", autocomplete: "off", "aria-label": "JSON body. Edit it, or paste a curl command",
      "aria-describedby": "view-note", wrap: "off",
      oninput: () => { editing = true; judged = false; edited(editor.value); },
      onfocus: () => { left = false; },
      onblur: () => { left = true; draw(); },
    });
    const code = h("pre", { tabindex: 0 }, h("code"));
    const note = h("p", { id: "view-note", class: "doc" });
    const copied = h("span", { role: "status", class: "muted" });
    const copier = (label, words, text) => button(label, async () => {
      try {
        await Studio.copy(await text());
        copied.textContent = words;
        setTimeout(() => { copied.textContent = ""; }, 1500);
      } catch (error) {
        copied.textContent = error.message;
      }
    });
    const copy = copier("Copy", "Copied", async () => {
      const all = last.notes[view] && (view === "body" || view === "curl") ? await whole() : null;
      return all ? all[view] : view === "body" ? editor.value : code.textContent;
    });
    const share = copier("Copy link", "Link copied", () => location.href);
    // What is written stays until it is right and left, or the form changes.
    let view = "body", editing = false, left = false, judged = true, last = { notes: {} }, valid = null, hint = "";

    const tabs = VIEWS.map(([name, title]) => h("button", {
      type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", "aria-selected": String(name === view),
      tabindex: name === view ? 0 : -1, onclick: () => select(name),
      onkeydown: (event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by) return;
        const names = VIEWS.map(([each]) => each);
        select(names[(names.indexOf(view) + by + names.length) % names.length]);
        document.getElementById(`tab-${view}`).focus();
      },
    }, title));
    const panel = h("div", { role: "tabpanel", id: "panel", "aria-labelledby": "tab-body" });
    const select = (name) => {
      view = name;
      for (const tab of tabs) {
        const chosen = tab.id === `tab-${name}`;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
      }
      panel.setAttribute("aria-labelledby", `tab-${name}`);
      fill(panel, name === "body" ? editor : code);
      draw();
    };

    const show = (preview) => {
      last = preview;
      judged = true;
      if (preview.body) valid = preview;
      draw();
    };

    const draw = () => {
      if (left && judged && last.body) editing = false;
      const shown = last.body ? last : valid;
      const stale = !last.body;
      panel.classList.toggle("stale", stale && !editing);
      if (shown && !(editing && view === "body")) {
        if (editor.value !== shown.body) editor.value = shown.body ?? "";
        code.firstChild.textContent = shown[view] ?? "";
      }
      fill(note, stale && !editing ? hint : (shown && shown.notes[view]) ||
        (view === "body" ? "Edit it, or paste a curl command: the form follows." : ""));
    };
    select(view);
    return {
      element: [
        h("div", { class: "tabs" }, h("div", { role: "tablist", "aria-label": "Views of the request" }, tabs)),
        panel,
        h("div", { class: "row wrap" }, note, h("span", { class: "grow" }), copied, share, copy),
      ],
      show,
      // What is shown until the form is complete.
      start: (preview, words) => { valid = preview; hint = words; },
      stop: () => { editing = false; },
      set hint(words) { hint = words; },
    };
  };

  // What is wrong, as a list that leads to the fields.
  Studio.verdict = (element, preview, homeOf) => {
    const { problems, remarks, error } = preview;
    const line = (kind) => ({ field, message, path }) => {
      const home = homeOf(field);
      const go = () => {
        home.scrollIntoView({ block: "center", behavior: "smooth" });
        (home.querySelector("textarea,select,input:not([type=file]):not([type=range])") || home.querySelector("button") || home).focus({ preventScroll: true });
      };
      const sent = path && path !== field ? h("span", { class: "muted" }, ` [sent as ${path}]`) : null;
      return h("li", { class: kind }, home ? button(field, go, { class: "link" }) : h("code", null, field), " ", message, sent);
    };
    const title = error ? error.split("\n")[0] : remarks.length ? "Ready, with a remark" : "Ready to send";
    fill(element, h("h2", { class: error ? "bad" : remarks.length ? "warn" : "good" }, title),
      problems.length + remarks.length ? h("ul", null, problems.map(line("problem")), remarks.map(line("remark"))) : null);
  };
})();
