"use strict";
// Elements are made here and nowhere else. A text of a schema, a user or a gateway only ever becomes a text node.
const Studio = {};

Studio.h = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  Studio.put(element, children);
  return element;
};

Studio.put = (element, children) => {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
};

Studio.fill = (element, ...children) => {
  element.replaceChildren();
  Studio.put(element, children);
};

// A text in which backticks mark code, as the schemas write it.
Studio.rich = (text) =>
  String(text).split(/`([^`]+)`/).map((part, index) => (index % 2 ? Studio.h("code", null, part) : part));

Studio.icon = (path) => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
};

Studio.icons = {
  up: "M8 12.5v-9M4.5 7L8 3.5 11.5 7",
  down: "M8 3.5v9M4.5 9L8 12.5 11.5 9",
  remove: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
};

Studio.button = (label, action, attributes) =>
  Studio.h("button", { type: "button", class: "plain", ...attributes, onclick: action }, label);

Studio.iconButton = (icon, label, action, attributes) =>
  Studio.h(
    "button",
    { type: "button", class: "icon", "aria-label": label, title: label, ...attributes, onclick: action },
    Studio.icon(Studio.icons[icon]),
  );

// The action, a moment after the last call. `now` does not wait for the moment, and `stop` drops the call.
Studio.debounced = (wait, action) => {
  let timer = 0, waiting = null;
  const stop = () => { clearTimeout(timer); waiting = null; };
  const now = () => { const given = waiting; stop(); if (given) action(...given); };
  return Object.assign((...given) => { stop(); waiting = given; timer = setTimeout(now, wait); }, { now, stop });
};

// Asks in a dialog. The promise is of the value of the button that was pressed; "" if none was.
Studio.ask = (title, content, buttons) =>
  new Promise((resolve) => {
    const dialog = document.getElementById("dialog");
    const made = buttons.map(({ label, value, kind, focus = kind === "primary" }) =>
      Studio.h("button", { value, class: kind || "plain", autofocus: focus }, label),
    );
    Studio.fill(
      dialog,
      Studio.h("form", { method: "dialog" }, Studio.h("h2", { id: "dialog-title" }, title), content,
        Studio.h("div", { class: "row end" }, made)),
    );
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });

Studio.copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page from a file may not use the clipboard directly.
    const area = Studio.h("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
