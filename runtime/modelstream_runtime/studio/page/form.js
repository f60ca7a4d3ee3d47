"use strict";
// A form: fields with their labels, docs, facts, states and problems. `Studio.fields` also makes those of an item.
(() => {
  const { h, fill, rich, button } = Studio;
  const WIDE = new Set(["text", "media", "objects", "object"]);

  const isWide = (field) => WIDE.has(field.kind) || field.many
    || field.choices.reduce((sum, { value, label }) => sum + value.length + label.length + 4, 0) > 44;

  const label = (name) => {
    const words = name.replace(/_+$/, "").replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
  };

  const facts = (field) => {
    const rows = [
      ["Type", field.type], ["Limits", field.limits], ["Known because", field.limits && field.limits_evidence],
      ["Default", field.default_words], ["Left out", field.gateway_default.replace(/^left out, /, "")],
      ["In the body", field.target && h("code", null, field.target)], ["Known because", field.evidence],
      ["Option", field.option && h("code", null, field.option)],
    ].filter(([, told]) => told);
    return h("details", { class: "facts", name: "facts" }, h("summary", null, h("code", null, field.name), h("span", { class: "unseen" }, " facts")),
      h("dl", null, rows.map(([term, told]) => [h("dt", null, term), h("dd", null, told)])));
  };

  const close = (event) => {
    const open = document.querySelector(".facts[open]");
    if (!open || (event.key ? event.key !== "Escape" : open.contains(event.target))) return;
    if (event.key) open.firstElementChild.focus();
    open.open = false;
  };
  document.addEventListener("keydown", close);
  document.addEventListener("pointerdown", close);

  // The state of a field that can be left out: whether its default, a value or nothing is sent.
  const state = (field, get, set) => {
    const shown = h("span", { class: "state" });
    const tell = () => {
      const value = get();
      const parts = [];
      const reset = (words) => button(words, () => set(undefined), { class: "link" });
      const leave = () => button("Leave out", () => set(null), { class: "link", "aria-label": `Leave out ${field.name}` });
      if (field.required) parts.push(value === undefined ? h("span", { class: "tag" }, "required") : null);
      else if (!field.default_words) parts.push(value === undefined ? null : reset(value === null ? "Undo" : "Clear"));
      else if (value === undefined) parts.push(h("span", { class: "tag" }, "default"), leave());
      else if (value === null) parts.push(h("span", { class: "tag out" }, "left out"), reset("Use the default"));
      else parts.push(reset(`Use the default, ${field.default_words}`), leave());
      fill(shown, parts);
    };
    return { element: shown, tell };
  };

  const one = (field, path, changed) => {
    const id = `f-${path.replace(/[^\w-]/g, "-")}`;
    const place = { id, path, label: `${id}-label`, about: `${id}-doc ${id}-told` };
    let value;
    const initial = field.default === null ? undefined : Studio.parse(field.default);
    const given = (next) => {
      // What is the default needs not be said, and counts as not given.
      value = next !== undefined && initial !== undefined && Studio.same(next, initial) ? undefined : next;
      if (next === undefined && control && ["text", "integer", "number"].includes(field.kind) && initial !== undefined) value = null;
      tell();
      changed(field.name, value);
    };
    const control = Studio.control(field, place, given);
    const state_ = state(field, () => value, (next) => { value = next; show(next); changed(field.name, next); });
    const tell = () => {
      state_.tell();
      element.classList.toggle("is-out", value === null);
      element.classList.toggle("is-set", value !== undefined && value !== null);
    };
    const show = (next) => {
      value = next;
      control.show(next === undefined ? initial : next);
      tell();
    };
    const limits = field.kind === "choice" || field.kind === "number" || field.kind === "integer" || field.kind === "media" ? field.limits : "";
    const element = h("div", { class: `field ${isWide(field) ? "wide" : ""}`, "data-path": path },
      h("div", { class: "head" }, h("label", { id: place.label, for: id }, label(field.name)), facts(field)),
      h("p", { class: "doc", id: `${id}-doc` }, rich(field.doc)),
      control.element,
      h("div", { class: "told", id: `${id}-told` }),
      h("div", { class: "foot" }, h("span", { class: "limits" }, limits), state_.element));
    show(undefined);
    return { element, show, name: field.name };
  };

  Studio.fields = (described, path, changed) => {
    const made = described.map((field) => one(field, path ? `${path}.${field.name}` : field.name, changed));
    return {
      element: h("div", { class: "fields" }, made.map(({ element }) => element)),
      made,
      show: (values) => made.forEach(({ name, show }) => show(values[name])),
    };
  };

  // The form of a model. `changed(values)` is called with all values after each change.
  Studio.form = (model, changed) => {
    let values = {};
    const fields = Studio.fields(model.fields, "", (name, value) => {
      values = { ...values };
      if (value === undefined) delete values[name]; else values[name] = value;
      tellModes();
      changed(values);
    });
    const byName = new Map(fields.made.map((made) => [made.name, made]));
    const groups = model.groups.map((group) => h("fieldset", { "data-modes": group.modes.length ? "" : null },
      group.title ? h("legend", null, group.title) : null,
      h("div", { class: "fields" }, group.fields.map((name) => byName.get(name).element))));
    // The modes as the page has them: choosing one hides the fields of the others, unless they have values.
    let mode = "";
    const picks = [{ name: "", words: "Every field of every mode." }, ...model.modes].map(({ name, words }) =>
      h("label", null, h("input", { type: "radio", name: "mode-shown", value: name, checked: name === "", onchange: () => { mode = name; tellModes(); } }),
        h("span", null, name || "All modes")));
    const explained = h("p", { class: "doc" });
    const tellModes = () => {
      model.groups.forEach((group, index) => {
        const filled = group.fields.some((name) => values[name] !== undefined && values[name] !== null);
        groups[index].hidden = !(group.modes.length === 0 || mode === "" || filled || group.modes.includes(mode));
      });
      const told = model.modes.find(({ name }) => name === mode);
      fill(explained, told ? rich(told.words) : "A request has one mode; its fields decide which.");
    };
    tellModes();
    const element = [
      model.modes.length ? h("div", { class: "modes" }, h("div", { class: "radios", role: "radiogroup", "aria-label": "Fields of the mode" }, picks), explained) : null,
      groups,
      model.rules.length ? h("details", { class: "rules" }, h("summary", null, `${model.rules.length} rules between fields`),
        h("ul", null, model.rules.map((rule) => h("li", null, rich(rule.words), rule.warns ? h("span", { class: "tag" }, "warning") : null)))) : null,
    ];
    return {
      element,
      show: (next) => { values = { ...next }; fields.show(values); tellModes(); },
      get values() { return values; },
    };
  };

  // Puts each problem and remark at its field. Answers a function: the element of a field, or null if the form has none.
  Studio.tellAtFields = (form, problems, remarks) => {
    for (const told of form.querySelectorAll(".told")) told.replaceChildren();
    for (const marked of form.querySelectorAll(".has-problem")) marked.classList.remove("has-problem");
    for (const wrong of form.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
    const places = new Map([...form.querySelectorAll("[data-path]")].map((place) => [place.dataset.path, place]));
    const homeOf = (field) => {
      let path = field;
      while (path && !places.has(path)) path = path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0));
      return places.get(path) || null;
    };
    const lines = (list, kind) => list.forEach(({ field, message }) => {
      const home = homeOf(field);
      if (!home) return;
      const told = [...home.querySelectorAll(".told")].find((each) => each.closest("[data-path]") === home);
      const inner = home.dataset.path === field ? "" : `${field.slice(home.dataset.path.length).replace(/^\./, "")}: `;
      told.append(h("p", { class: kind }, inner, message));
      if (kind === "problem") {
        home.classList.add("has-problem");
        for (const control of home.querySelectorAll("textarea,select,input:not([type=file]):not([type=range]):not([type=radio])")) {
          if (control.closest("[data-path]") === home) control.setAttribute("aria-invalid", "true");
        }
      }
    });
    lines(problems, "problem");
    lines(remarks, "remark");
    return homeOf;
  };
})();
