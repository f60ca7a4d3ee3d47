"use strict";
// A control for each kind of field. It is made with `make(field, place, changed)` and has `element`, and `show(value)`
// for values that come from elsewhere. What is no rule of a model is decided here: how a value is typed, never whether
// it is right.
(() => {
  const { h, fill, button, iconButton } = Studio;
  const FEW = 6;

  // `place` names the control for screen readers: its id, and the ids of its label and of what describes it.
  const named = (place) => ({ id: place.id, "aria-labelledby": place.label, "aria-describedby": place.about });
  const grouped = (place) => ({ role: "group", "aria-labelledby": place.label, "aria-describedby": place.about });

  const text = (field, place, changed) => {
    const count = field.max_length || field.name === "prompt" ? h("span", { class: "count" }) : null;
    const counted = () => count && (count.textContent = [...area.value].length + (field.max_length ? ` / ${field.max_length}` : ""));
    const area = h("textarea", {
      ...named(place), rows: field.required ? 4 : 2, spellcheck: field.is_json ? "false" : "true",
      class: field.is_json ? "code" : null, "aria-required": field.required || undefined,
      oninput: () => { counted(); changed(area.value === "" ? undefined : area.value); },
    });
    const show = (value) => {
      const shown = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
      if (area.value !== shown) area.value = shown;
      counted();
    };
    return { element: h("div", { class: "text" }, area, count), show };
  };

  const number = (field, place, changed) => {
    const { min, max, step } = field.range || {};
    const size = step || (field.kind === "integer" ? 1 : 0.1);
    const places = (String(size).split(".")[1] || "").length;
    const input = h("input", {
      ...named(place), type: "text", inputmode: field.kind === "integer" ? "numeric" : "decimal", autocomplete: "off",
      "aria-required": field.required || undefined,
      oninput: () => { slid(); changed(Studio.typed(input.value)); },
      onkeydown: (event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        move(event.key === "ArrowUp" ? 1 : -1);
      },
    });
    const ranged = typeof min === "number" && typeof max === "number" && max - min <= 10000 * size;
    const slider = ranged ? h("input", {
      type: "range", min, max, step: size, tabindex: -1, "aria-hidden": "true",
      oninput: () => set(Number(slider.value)),
    }) : null;
    const slid = () => {
      const typed = parseFloat(input.value);
      if (slider) slider.value = Number.isNaN(typed) ? min : typed;
    };
    const set = (value) => {
      input.value = value.toFixed(places);
      slid();
      changed(Studio.typed(input.value));
    };
    const move = (by) => {
      const start = Number(input.value === "" ? (min ?? 0) - (by > 0 ? size : 0) : input.value);
      if (!Number.isNaN(start)) set(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, start + by * size)));
    };
    const special = field.special.map(({ value, label }) =>
      button(label ? `${value}: ${label}` : value, () => { show(Studio.parse(value)); changed(Studio.parse(value)); }, { class: "chip" }));
    const show = (value) => {
      const shown = Studio.untyped(value);
      if (input.value !== shown) input.value = shown;
      slid();
    };
    const steppers = h("span", { class: "steppers", "aria-hidden": "true" },
      iconButton("minus", "Less", () => move(-1), { tabindex: -1 }), iconButton("plus", "More", () => move(1), { tabindex: -1 }));
    return {
      element: h("div", { class: "number" },
        h("div", { class: "row" }, h("span", { class: "box" }, input, field.unit ? h("span", { class: "unit" }, field.unit) : null, steppers), slider),
        special.length ? h("div", { class: "row wrap" }, special) : null),
      show,
    };
  };

  const radios = (options, place, changed) => {
    const inputs = options.map(({ value, label, shown }, index) => {
      const input = h("input", {
        type: "radio", name: place.id, id: index ? `${place.id}-${index}` : place.id, value,
        onchange: () => changed(Studio.parse(value)),
      });
      return h("label", null, input, h("span", null, shown, label ? h("small", null, label) : null));
    });
    const strange = h("span", { class: "strange" });
    const show = (value) => {
      const text = JSON.stringify(value);
      let found = value === undefined || value === null;
      for (const label of inputs) {
        label.firstChild.checked = label.firstChild.value === text;
        found = found || label.firstChild.checked;
      }
      strange.textContent = found ? "" : text;
    };
    return { element: h("div", { class: "radios", ...grouped(place), role: "radiogroup" }, inputs, strange), show };
  };

  const shownAs = (value) => { const read = JSON.parse(value); return typeof read === "string" ? read : value; };

  const choice = (field, place, changed) => {
    const options = field.choices.map(({ value, label }) => ({ value, label, shown: shownAs(value) }));
    if (options.length <= FEW) return radios(options, place, changed);
    const select = h("select", {
      ...named(place), onchange: () => changed(select.value === "" ? undefined : Studio.parse(select.value)),
    }, h("option", { value: "" }, "Choose"), options.map(({ value, label, shown }) =>
      h("option", { value }, label ? `${shown} (${label})` : shown)));
    const show = (value) => {
      const text = value === undefined || value === null ? "" : JSON.stringify(value);
      if (![...select.options].some((option) => option.value === text)) select.append(h("option", { value: text }, text));
      select.value = text;
    };
    return { element: select, show };
  };

  const boolean = (field, place, changed) => {
    if (field.default === null) {
      const options = [{ value: "true", shown: "On" }, { value: "false", shown: "Off" }];
      return radios(options, place, changed);
    }
    const word = h("span", { "aria-hidden": "true" });
    const input = h("input", {
      ...named(place), type: "checkbox", role: "switch",
      onchange: () => { tell(); changed(input.checked); },
    });
    const tell = () => { word.textContent = input.checked ? "On" : "Off"; };
    const show = (value) => {
      input.checked = value === true;
      tell();
      if (value !== undefined && value !== null && typeof value !== "boolean") word.textContent = JSON.stringify(value);
    };
    return { element: h("label", { class: "switch" }, input, h("i", { "aria-hidden": "true" }), word), show };
  };

  const object = (field, place, changed) => {
    const read = (shown) => {
      if (shown.trim() === "") return undefined;
      try { return Studio.parse(shown); } catch { return shown; }
    };
    const area = h("textarea", {
      ...named(place), class: "code", rows: 4, spellcheck: "false", placeholder: "{\"name\": \"value\"}",
      oninput: () => changed(read(area.value)),
    });
    const show = (value) => {
      if (Studio.same(read(area.value), value ?? undefined)) return;
      area.value = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2);
    };
    return { element: area, show };
  };

  // Media. The page never loads an address; what it previews is what a person picked on this machine.

  // The files on their way into the form. Each promise says whether all of its files came.
  Studio.arriving = new Set();

  const previews = new Map();

  const preview = (kind, file) => {
    const known = previews.get(file);
    if (!known) return h("span", { class: "thumb" }, kind);
    const source = { src: known, class: "thumb" };
    return kind === "image" ? h("img", { ...source, alt: "" })
      : h(kind, { ...source, controls: true, preload: "metadata" });
  };

  const noteOf = () => h("span", { class: "wrong", role: "alert" });

  // What goes wrong with a file is told in `shared` if it is given, and else in the control itself.
  const medium = (field, place, changed, chosen, shared) => {
    const box = h("div", { class: "medium" });
    const note = shared || noteOf();
    const own = shared ? null : note;
    let current;
    const taken = async (files) => {
      let all = true;
      note.textContent = "";
      for (const file of files) {
        try {
          box.classList.add("busy");
          const placeholder = await Studio.transport.addFile(file);
          previews.set(placeholder, URL.createObjectURL(file));
          previews.set(placeholder.replace(/^file:/, "base64:"), previews.get(placeholder));
          chosen(placeholder);
        } catch (error) {
          all = false;
          note.textContent = `${file.name}: ${error.message}`;
        } finally {
          box.classList.remove("busy");
        }
      }
      return all;
    };
    const take = (files) => {
      const coming = taken(files);
      Studio.arriving.add(coming);
      coming.then(() => Studio.arriving.delete(coming));
    };
    box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("over");
      take([...event.dataTransfer.files]);
    });
    const picker = h("input", {
      type: "file", class: "unseen", tabindex: -1, "aria-hidden": "true", accept: field.media.types.join(","), multiple: field.many,
      onchange: () => { take([...picker.files]); picker.value = ""; },
    });
    const address = h("input", {
      ...named(place), type: "text", inputmode: "url", spellcheck: "false", autocomplete: "off",
      placeholder: field.media.urls ? `https:// address${field.media.files ? `, or drop the ${field.media.kind} here` : ""}` : `drop the ${field.media.kind} here`,
      oninput: () => { current = address.value === "" ? undefined : address.value; changed(current); },
    });
    const choose = field.media.files
      ? h("button", { type: "button", class: "plain", "aria-describedby": place.label, onclick: () => picker.click() }, "Choose file")
      : null;
    const show = (value) => {
      if (box.childElementCount && Studio.same(value, current) && (Studio.isFile(value) || address.value === (value ?? ""))) return;
      current = value;
      if (Studio.isFile(value)) {
        const name = value.slice(value.indexOf("/") + 1);
        const remove = iconButton("remove", `Remove ${name}`, () => { show(undefined); changed(undefined); address.focus(); });
        fill(box, h("div", { class: "file", id: place.id, tabindex: -1 }, preview(field.media.kind, value), h("span", { class: "name" }, name), remove), own);
      } else {
        address.value = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
        fill(box, h("div", { class: "row" }, address, choose, choose && picker), own);
      }
    };
    return { element: box, show };
  };

  // Lists: rows that can be added, removed and moved.

  const list = (field, place, changed, { row, empty, add }) => {
    let values = [];
    const rows = h("div", { class: "rows" });
    const adder = h("div", { class: "row wrap" });
    const spoken = h("span", { class: "unseen", role: "status" });
    const tell = () => changed(values.length ? values : undefined);
    const rebuild = (focus) => {
      const made = values.map((value, index) => {
        const inner = row(index, (next) => { values[index] = next === undefined ? empty() : next; tell(); },
          (file) => { values[index] = file; rebuild(index); tell(); });
        inner.show(value);
        const move = (by) => {
          const [taken] = values.splice(index, 1);
          values.splice(index + by, 0, taken);
          rebuild(index + by);
          tell();
          spoken.textContent = `Moved to position ${index + by + 1}`;
        };
        const remove = () => { values.splice(index, 1); rebuild(Math.min(index, values.length - 1)); tell(); spoken.textContent = `Removed ${index + 1}`; };
        return h("div", { class: "item", tabindex: -1, "data-path": `${place.path}[${index}]` },
          h("div", { class: "handle" }, h("span", { class: "index" }, index + 1), h("span", { class: "tools" },
            iconButton("up", `Move ${index + 1} up`, () => move(-1), { disabled: index === 0 }),
            iconButton("down", `Move ${index + 1} down`, () => move(1), { disabled: index === values.length - 1 }),
            iconButton("remove", `Remove ${index + 1}`, remove))),
          h("div", { class: "inner" }, inner.element, h("div", { class: "told", id: `${place.id}-${index}-told` })));
      });
      fill(rows, made);
      fill(adder, add(values, (value) => { values.push(value); rebuild(values.length - 1); tell(); }));
      if (focus !== undefined && focus >= 0) {
        const first = made[focus].querySelector("textarea,input:not(.unseen),select,.file") || made[focus];
        first.focus();
        if (first.type === "text") first.setSelectionRange(first.value.length, first.value.length);
      } else if (focus === -1) adder.querySelector("button,input")?.focus();
    };
    const show = (value) => {
      const next = value === undefined || value === null ? [] : Array.isArray(value) ? [...value] : [value];
      if (rows.childElementCount === next.length && Studio.same(next, values) && adder.childElementCount) return;
      values = next;
      rebuild();
    };
    return { element: h("div", { class: "list", ...grouped(place) }, rows, adder, spoken), show };
  };

  const mediaList = (field, place, changed) => {
    const at = (index) => ({ ...place, id: `${place.id}-${index}`, about: `${place.about} ${place.id}-${index}-told` });
    // The rows are made anew with each file.
    const note = noteOf();
    const made = list(field, place, changed, {
      empty: () => "",
      row: (index, changedAt, chosen) => medium({ ...field, many: false }, at(index), changedAt, chosen, note),
      add: (values, append) => {
        const room = !field.most || values.length < field.most;
        const fresh = medium(field, { ...place, id: values.length ? `${place.id}-new` : place.id }, () => {}, append, note);
        fresh.show(undefined);
        const address = fresh.element.querySelector("input[type=text]");
        // The first character makes it a row of its own.
        address.addEventListener("input", () => append(address.value));
        return room || !values.length ? [fresh.element] : [h("span", { class: "muted" }, `All ${field.most} are given.`)];
      },
    });
    made.element.append(note);
    return made;
  };

  const objects = (field, place, changed) =>
    list(field, place, changed, {
      empty: () => ({}),
      row: (index, changedAt) => {
        let value = {};
        const fields = Studio.fields(field.fields, `${place.path}[${index}]`, (name, part) => {
          value = { ...value };
          if (part === undefined) delete value[name]; else value[name] = part;
          changedAt(value);
        });
        return {
          element: fields.element,
          show: (next) => { value = next !== null && typeof next === "object" && !Array.isArray(next) && !Studio.isNumber(next) ? next : {}; fields.show(value); },
        };
      },
      add: (values, append) => [button(values.length ? "Add another" : "Add the first", () => append({}))],
    });

  Studio.control = (field, place, changed) => {
    switch (field.kind) {
      case "text": return text(field, place, changed);
      case "integer": case "number": return number(field, place, changed);
      case "boolean": return boolean(field, place, changed);
      case "choice": return choice(field, place, changed);
      case "object": return object(field, place, changed);
      case "objects": return objects(field, place, changed);
      case "media": {
        if (field.many) return mediaList(field, place, changed);
        const made = medium(field, place, changed, (file) => { made.show(file); changed(file); });
        return made;
      }
      default: throw new Error(`no control for ${field.kind}`);
    }
  };

})();
