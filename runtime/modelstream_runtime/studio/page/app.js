"use strict";
// The page as a whole: the list of models, the form of one, and everything that follows from its values.
(async () => {
  const { h, fill, button } = Studio;
  const at = (id) => document.getElementById(id);
  const HISTORY = "#/history";
  if (!Studio.supported) {
    fill(at("notices"), h("p", { class: "wrong" }, "This browser is too old: the studio needs one of 2025 or later, which keeps numbers as they are written."));
    return;
  }
  const { transport } = Studio;
  let session, catalog;
  let model = null, form = null, maker = null, last = null;
  let text_ = "", isWritten_ = false, turn = 0, judging = null, journey = 0;
  const described = new Map();

  const engine = h("p", { class: "engine", role: "status" });

  const notice = (...content) => {
    const element = h("div", { class: "notice" }, h("div", null, content), Studio.iconButton("remove", "Dismiss", () => element.remove()));
    at("notices").append(element);
  };
  const failed = (error) => notice(h("p", { class: "wrong" }, error.message));

  transport.told = (state, reason) => {
    const before = document.body.dataset.connection;
    if (state === before) return;
    document.body.dataset.connection = state;
    at("session").dataset.state = state;
    const words = { starting: "The checks are starting …", absent: `There are no checks: ${reason}. The requests are the documented ones.`, lost: "Not connected to the studio", ready: "" };
    engine.textContent = words[state] ?? "";
    if (before === "lost" && text_ && !judging) look(text_, isWritten_, stir());
  };

  const describe = (id) => {
    if (!described.has(id)) described.set(id, transport.model(id).catch((error) => { described.delete(id); throw error; }));
    return described.get(id);
  };

  // The views and the verdict follow from one text, which is that of the form or what a person wrote as JSON. Only
  // what was written last counts.

  const stir = () => {
    at("result").setAttribute("aria-busy", "true");
    judging ??= Promise.withResolvers();
    return ++turn;
  };

  const settle = () => {
    at("result").setAttribute("aria-busy", "false");
    judging.resolve();
    judging = null;
  };

  const look = async (text, isWritten, mine) => {
    if (mine !== turn) return;
    text_ = text;
    isWritten_ = isWritten;
    try {
      const preview = await transport.preview(text);
      if (mine !== turn || !preview) return;
      if (isWritten && preview.form) await follow(preview, mine);
      if (mine === turn) show(preview, text);
    } catch (error) {
      if (mine === turn && error.status !== 0) failed(error);
    } finally {
      if (mine === turn) settle();
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
    const haveCome = await Promise.all(Studio.arriving);  // Chosen before the press, they belong to the request.
    if (!haveCome.every(Boolean)) return null;
    while (judging) await judging.promise;
    return last && !last.error && last.text === text_ && last.form === model.id ? { text: last.text, model: model.title, remarks: last.remarks } : null;
  };

  // What was written as JSON moves the form, also to another model.
  const follow = async (preview, mine) => {
    const next = await describe(preview.form);
    if (mine !== turn) return;
    if (next.id !== model.id) open(next);
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

  const write = () => {
    if (model && !at("making").hidden) history.replaceState(null, "", Studio.address(model.id, form.values));
  };
  const remember = Studio.debounced(200, write);

  // Shows the form of a model, empty.
  const open = (next) => {
    model = next;
    // A form that is no longer shown may still get the file that was chosen there.
    const mine = Studio.form(model, (values) => { if (mine === form) changed(values); });
    form = mine;
    Studio.arriving.clear();
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

  // Fills the form with a text that the judge wrote or read. Only the last of several journeys arrives.
  const load = async (text, mine = ++journey) => {
    const { form: id, values } = Studio.parse(text);
    const next = await describe(id);
    if (mine !== journey) return;
    if (location.hash === HISTORY) history.pushState(null, "", "#");
    show_("making");
    views.stop();
    if (next.id !== model?.id) open(next);
    form.show(values);
    if (Object.keys(values).length) at("form").classList.remove("pristine"); else at("form").classList.add("pristine");
    remember.stop();
    write();
    look(Studio.text(id, values), false, stir());
  };

  // Which part of the page the lists at the side say is open.
  const mark = () => {
    const isOpen = (link) => (at("making").hidden ? link.hash === HISTORY : link.dataset.id === model?.id);
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
    const mine = ++journey;
    if (id === model?.id) {
      if (at("making").hidden) history.pushState(null, "", Studio.address(id, form.values));
      show_("making");
      return;
    }
    const before = model && Object.keys(form.values).length && document.body.dataset.connection !== "absent" ? model : null;
    const { text, changes } = before ? await transport.switched(Studio.text(before.id, form.values), id) : { text: Studio.text(id, {}), changes: [] };
    await describe(id);
    if (mine !== journey) return;
    fill(at("notices"));
    remember.now();
    history.pushState(null, "", Studio.address(id, {}));
    await load(text, mine);
    if (changes.length) {
      notice(h("p", null, `From ${before.title} to ${model.title}:`), h("ul", null, changes.map(({ field, message }) => h("li", null, h("code", null, field), " ", message))));
    }
  };

  const route = async (hash) => {
    const mine = ++journey;
    if (hash === HISTORY && transport.buys) {
      show_("history");
      await Studio.history(at("purchases"), at("older"), use, failed);
      return;
    }
    const { form: id, values } = Studio.read(hash);
    const first = catalog.find((each) => each.id === id) || (id && catalog.find((each) => !each.known)) || catalog[0];
    await load(Studio.text(first.id, id && id !== first.id ? { model: id, ...values } : values), mine);
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
  // What was typed belongs to the address that a link leaves, and no longer to the one that Back has come to.
  addEventListener("click", (event) => { if (event.target.closest("a")) remember.now(); });
  addEventListener("popstate", () => { remember.stop(); journey += 1; });
  addEventListener("hashchange", (event) => route(new URL(event.newURL).hash).catch(failed));
  await route(location.hash).catch(failed);
  document.body.dataset.loaded = "true";
})();
