"use strict";
// The page as a whole: the list of models, the form of one, and everything that follows from its values.
(async () => {
  const { h, fill, button } = Studio;
  const at = (id) => document.getElementById(id);
  if (!Studio.supported) {
    fill(at("notices"), h("p", { class: "wrong" }, "This browser is too old: the studio needs one of 2025 or later, which keeps numbers as they are written."));
    return;
  }
  const { transport } = Studio;
  let session, catalog;
  let model = null, form = null, maker = null, last = null;
  let text_ = "", turn = 0;
  const described = new Map();

  const engine = h("p", { class: "engine", role: "status" });

  const notice = (...content) => {
    const element = h("div", { class: "notice" }, h("div", null, content), Studio.iconButton("remove", "Dismiss", () => element.remove()));
    at("notices").append(element);
  };
  const failed = (error) => notice(h("p", { class: "wrong" }, error.message));

  transport.told = (state) => {
    const before = document.body.dataset.connection;
    if (state === before) return;
    document.body.dataset.connection = state;
    at("session").dataset.state = state;
    const words = { starting: "The checks are starting …", absent: "There are no checks: this export has no engine, or it did not start. The requests below are the documented ones.", lost: "Not connected to the studio", ready: "" };
    engine.textContent = words[state] ?? "";
    if (before === "lost" && text_) look(text_, false, stir());
  };

  const describe = async (id) => {
    if (!described.has(id)) described.set(id, await transport.model(id));
    return described.get(id);
  };

  // The views and the verdict follow from one text, which is that of the form or what a person wrote as JSON. Only
  // what was written last counts.

  const stir = () => {
    at("result").setAttribute("aria-busy", "true");
    return ++turn;
  };

  const look = async (text, isWritten, mine) => {
    if (mine !== turn) return;
    text_ = text;
    try {
      const preview = await transport.preview(text);
      if (mine !== turn || !preview) return;
      if (isWritten && preview.form) await follow(preview);
      if (mine === turn) show(preview, text);
    } catch (error) {
      if (mine === turn && error.status !== 0) failed(error);
    } finally {
      if (mine === turn) at("result").setAttribute("aria-busy", "false");
    }
  };

  const writtenSoon = Studio.debounced(150, (text, mine) => look(text, true, mine));
  const lookSoon = Studio.debounced(40, (text, mine) => look(text, false, mine));
  const views = Studio.views((text) => writtenSoon(text, stir()), () => transport.preview(text_, true));

  const show = (preview, text) => {
    last = { ...preview, text };
    const homeOf = Studio.tellAtFields(at("form"), preview.problems, preview.remarks);
    Studio.verdict(at("verdict"), preview, homeOf);
    const count = preview.problems.length;
    views.hint = `The last request that was complete. ${count === 1 ? "1 problem" : `${count} problems`} to go.`;
    if (at("form").classList.contains("pristine")) views.hint = "The documented request, until the form is complete.";
    views.show(preview);
    maker?.able(!preview.error);
  };

  // What may be bought: exactly what was written last, once the judge has said that it is right.
  const approved = async () => {
    while (at("result").getAttribute("aria-busy") === "true") await new Promise((resolve) => setTimeout(resolve, 20));
    return last && !last.error && last.text === text_ ? { text: last.text, model: model.title, remarks: last.remarks } : null;
  };

  // What was written as JSON moves the form, also to another model.
  const follow = async (preview) => {
    if (preview.form !== model.id) await open(preview.form);
    form.show(Studio.parse(preview.values));
    at("form").classList.remove("pristine");
    remember();
  };

  const changed = (values) => {
    at("form").classList.remove("pristine");
    views.stop();
    remember();
    lookSoon(Studio.text(model.id, values), stir());
  };

  const remember = Studio.debounced(200, () => {
    if (model && !at("making").hidden) history.replaceState(null, "", Studio.address(model.id, form.values));
  });

  // Shows the form of a model, empty.
  const open = async (id) => {
    model = await describe(id);
    form = Studio.form(model, changed);
    last = null;
    const source = model.source ? `Facts from the page ${model.source.page}, read on ${model.source.checked}.` : "";
    const fills = model.examples.map((example, index) =>
      button(index ? `Example ${index + 1}` : "The documented request", () => load(example.text), { class: "chip" }));
    fill(at("about"),
      h("p", { class: "eyebrow" }, model.vendor, model.known ? [" · ", h("code", null, model.id)] : null),
      h("h1", { id: "title" }, model.title), h("p", null, Studio.rich(model.summary)), h("p", { class: "muted small" }, source),
      h("div", { class: "row wrap" }, h("span", { class: "muted small" }, "Fill in"), fills, button("Nothing", () => load(Studio.text(model.id, {})), { class: "chip" })));
    fill(at("form"), form.element);
    at("form").classList.add("pristine");
    mark();
    document.title = `${model.title} · Studio`;
    const [example] = model.examples;
    views.start(example || null, "The documented request, until the form is complete.");
    views.show(example ? { ...example, body: null, notes: {} } : { notes: {} });
    fill(at("verdict"), h("h2", { class: "muted" }, ""));
  };

  // Fills the form with a text that the judge wrote or read.
  const load = async (text) => {
    const { form: id, values } = Studio.parse(text);
    show_("making");
    views.stop();
    if (!model || id !== model.id) await open(id);
    form.show(values);
    if (Object.keys(values).length) at("form").classList.remove("pristine"); else at("form").classList.add("pristine");
    remember();
    look(Studio.text(id, values), false, stir());
  };

  // Which part of the page the lists at the side say is open.
  const mark = () => {
    const isOpen = (link) => (at("making").hidden ? link.hash === "#/history" : link.dataset.id === model?.id);
    for (const link of at("picker").querySelectorAll("a")) {
      if (isOpen(link)) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
  };

  const show_ = (name) => {
    at("making").hidden = name !== "making";
    at("result").hidden = name !== "making";
    at("history").hidden = name !== "history";
    at("picker").classList.remove("open");
    at("menu").setAttribute("aria-expanded", "false");
    mark();
  };

  const use = (text) => load(text).then(() => { at("main").focus(); scrollTo(0, 0); }, failed);

  // From one model to another: what both have stays, and the judge says what does not.
  const change = async (id) => {
    fill(at("notices"));
    const before = model && form && Object.keys(form.values).length && id !== model.id && document.body.dataset.connection !== "absent" ? model : null;
    if (!before) { await load(Studio.text(id, {})); return; }
    const { text, changes } = await transport.switched(Studio.text(before.id, form.values), id);
    await load(text);
    if (changes.length) {
      notice(h("p", null, `From ${before.title} to ${model.title}:`), h("ul", null, changes.map(({ field, message }) => h("li", null, h("code", null, field), " ", message))));
    }
  };

  const route = async (hash) => {
    if (hash === "#/history" && transport.buys) {
      show_("history");
      await Studio.history(at("purchases"), at("older"), use);
      return;
    }
    const { form: id, values } = Studio.read(hash);
    const first = catalog.find((each) => each.id === id) || (id && catalog.find((each) => !each.known)) || catalog[0];
    await load(Studio.text(first.id, id && id !== first.id ? { model: id, ...values } : values));
  };

  // The list of models.

  const list = () => {
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of at("models").children) {
      item.hidden = !words.every((word) => item.dataset.words.includes(word));
      shown += !item.hidden;
    }
    at("none").hidden = shown > 0;
  };

  const entry = (each) => h("li", { "data-words": [each.id, each.title, each.vendor, each.summary, ...each.inputs].join(" ").toLowerCase() },
    h("a", {
      href: Studio.address(each.id, {}), "data-id": each.id,
      onclick: (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        history.pushState(null, "", Studio.address(each.id, {}));
        change(each.id).then(() => at("main").focus({ preventScroll: true }), failed);
      },
    }, h("strong", null, each.title), h("span", { class: "vendor" }, each.vendor), h("span", { class: "summary" }, each.summary),
    h("span", { class: "inputs" }, each.inputs.map((kind) => h("span", { class: "tag" }, kind)))));

  try {
    [session, catalog] = await Promise.all([transport.session(), transport.catalog()]);
  } catch (error) {
    failed(error);
    return;
  }
  at("brand").textContent = `${session.gateway} Studio`;
  fill(at("session"),
    session.mock ? h("p", { class: "mock" }, h("strong", null, "Mock gateway."), " Nothing is bought.") : null,
    session.folder ? h("p", null, "Videos go to ", h("span", { class: "path" }, session.folder)) : null,
    engine, h("p", null, `${session.package} ${session.version}`));
  fill(at("models"), catalog.map(entry));
  at("search").addEventListener("input", list);
  at("menu").addEventListener("click", () => {
    const open_ = at("picker").classList.toggle("open");
    at("menu").setAttribute("aria-expanded", String(open_));
  });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); at("main").focus(); });
  at("form").addEventListener("submit", (event) => event.preventDefault());
  fill(at("views"), views.element);
  if (transport.buys) {
    at("history-link").hidden = false;
    maker = Studio.maker(session, approved, use, notice);
    fill(at("make"), maker.element);
  } else {
    fill(at("make"), h("p", { class: "doc" }, "This page submits nothing. Copy the request, or start ", h("code", null, `${session.package} studio`), " to make videos here."));
  }
  // Not as it is by now: what was still to be remembered may have replaced it.
  addEventListener("hashchange", (event) => route(new URL(event.newURL).hash).catch(failed));
  await route(location.hash).catch(failed);
  document.body.dataset.loaded = "true";
})();
