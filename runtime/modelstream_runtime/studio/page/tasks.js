"use strict";
// Purchases: submitting one, watching it, and the history of this machine.
(() => {
  const { h, fill, button, ask } = Studio;
  const PENDING = "studio-pending";
  const WAITING = new Set(["sending", "submitted", "finished"]);
  const TITLES = {
    ready: "Not bought", sending: "Submitting", "in doubt": "In doubt", submitted: "Under way", finished: "Saving the video",
    saved: "Saved", unfetched: "Not fetched", failed: "Failed", refused: "Refused", cancelled: "Cancelled", abandoned: "Given up",
  };
  const RETRY = 1000;
  const NOTHING_BOUGHT = new Set([400, 409, 413, 415, 422]);

  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
    return whole >= 3600 ? [Math.floor(whole / 3600), ...parts].join(":") : parts.join(":").replace(/^0/, "");
  };

  const size = (bytes) => (bytes >= 100000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1000).toFixed(1)} kB`);

  // What the page knows of each purchase, and the cards that show it.
  const known = new Map();
  const cards = new Map();
  let polling = 0;

  const learn = (purchase) => {
    known.set(purchase.number, purchase);
    for (const card of cards.get(purchase.number) || []) card.show(purchase);
    poll();
    return purchase;
  };

  const poll = () => {
    if (polling) return;
    const open = [...known.values()].filter(({ state, following, number }) =>
      (state === "sending" || (WAITING.has(state) && following)) && (cards.get(number) || []).some((card) => card.element.isConnected));
    if (!open.length) return;
    polling = setTimeout(async () => {
      await Promise.all(open.map(({ number }) => Studio.transport.buys.one(number).then(learn, () => {})));
      polling = 0;
      poll();
    }, RETRY);
  };

  const act = async (action, problem) => {
    try {
      problem.textContent = "";
      return await action();
    } catch (error) {
      problem.textContent = error.message;
      return null;
    }
  };

  const summary = (text) => {
    try {
      const { values } = Studio.parse(text);
      const said = typeof values.prompt === "string" ? values.prompt : "";
      const rest = Object.entries(values).filter(([name]) => name !== "prompt").map(([name, value]) =>
        `${name} ${value === null ? "left out" : typeof value === "string" ? value : JSON.stringify(value)}`);
      return [said && h("p", { class: "prompt" }, said), rest.length ? h("p", { class: "muted clip" }, rest.join(" · ")) : null];
    } catch {
      return null;
    }
  };

  const laidOut = (text) => {
    try {
      return JSON.stringify(Studio.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  Studio.card = (purchase, use) => {
    const problem = h("p", { class: "wrong", role: "alert" });
    const body = h("div");
    const element = h("article", { class: "card", "aria-label": `Purchase ${purchase.number}, ${purchase.model}` }, body, problem);
    const number = purchase.number;
    const { buys } = Studio.transport;
    let shown = "", time = null;

    const actions = (now) => [
      now.state === "submitted" && now.following ? button("Stop waiting", () => act(async () => {
        learn(await buys.leave(number));
        problem.textContent = "The studio has stopped waiting. The gateway still makes the video, and it stays paid. You can wait again at any time.";
      }, problem)) : null,
      WAITING.has(now.state) && now.state !== "sending" && !now.following ? button("Wait again", () => act(async () => learn(await buys.follow(number)), problem), { class: "primary" }) : null,
      now.state === "unfetched" ? button("Fetch it again", () => act(async () => learn(await buys.follow(number)), problem), { class: "primary" }) : null,
      now.video ? h("a", { class: "plain", href: now.video, download: now.file ? now.file.replace(/^.*[\\/]/, "") : "video.mp4" }, "Download") : null,
      button("Use these values", () => act(async () => {
        const { text } = now.text ? now : await buys.request(number);
        if (text) use(text); else problem.textContent = "The values cannot be read any more: a file is gone, or the model has changed.";
      }, problem)),
      button("As Python", () => act(async () => {
        const { python } = now.python ? now : await buys.request(number);
        if (!python) { problem.textContent = "The request cannot be made any more: a file is gone, or the model has changed."; return; }
        if (await ask(`Purchase ${number} as Python`, h("pre", { tabindex: 0 }, h("code", null, python)), [{ label: "Close", value: "" }, { label: "Copy", value: "copy", kind: "primary" }]) === "copy") Studio.copy(python);
      }, problem)),
      now.state === "in doubt" || now.state === "sending" ? null : button("Delete", () => act(async () => {
        const buttons = [{ label: "Keep", value: "" }, { label: "Delete from the list", value: "list", kind: "primary" }];
        if (now.file && now.video) buttons.splice(1, 0, { label: "Delete with the file", value: "file", kind: "danger" });
        const way = await ask(`Delete purchase ${number}?`, h("p", null, "It disappears from this list. The journal keeps the record."), buttons);
        if (!way) return;
        await buys.hide(number, way === "file");
        known.delete(number);
        element.remove();
      }, problem)),
    ];

    const show = (now) => {
      const print = JSON.stringify({ ...now, updated: 0 });
      tick(now);
      if (print === shown) return;
      const play = body.querySelector("video");
      shown = print;
      const at = new Date(now.added * 1000);
      time = h("span", { class: "muted" });
      const waits = WAITING.has(now.state);
      const progress = waits && now.following ? h("progress", { max: 100, value: now.progress ?? null, "aria-label": "Progress" }) : null;
      const video = now.video ? (play && play.getAttribute("src") === now.video ? play
        : h("video", { src: now.video, controls: true, preload: "metadata", playsinline: true, "aria-label": `Video of purchase ${number}` })) : null;
      fill(body,
        h("header", { class: "row wrap" }, h("span", { class: `badge ${now.state.replace(" ", "-")}` }, TITLES[now.state] || now.state),
          h("strong", null, now.model), h("span", { class: "muted" }, `#${number} · ${now.source} · `, h("time", { datetime: at.toISOString() }, at.toLocaleString())), h("span", { class: "grow" }), time),
        waits ? h("p", { role: "status" }, [now.status, now.progress === null ? null : `${now.progress} %`].filter(Boolean).join(", ") || (now.following ? "waiting for the first status" : "the studio is not waiting for it")) : null,
        progress,
        now.trouble ? h("p", { class: "remark" }, now.trouble) : null,
        now.reason ? h("p", { class: now.state === "saved" ? "muted" : "problem" }, now.reason) : null,
        now.advice ? h("p", { class: "advice" }, now.advice) : null,
        video,
        now.file ? h("p", { class: "muted path" }, now.file, now.bytes ? ` (${size(now.bytes)})` : "") : null,
        now.text ? summary(now.text) : null,
        now.task_id ? h("p", { class: "muted" }, "task ", h("code", null, now.task_id)) : null,
        h("div", { class: "row wrap" }, actions(now)));
      tick(now);
    };
    const tick = (now) => {
      if (time) time.textContent = WAITING.has(now.state) ? clock(Date.now() / 1000 - now.added) : now.state === "saved" ? clock(now.updated - now.added) : "";
    };
    const card = { element, show };
    cards.set(number, [...(cards.get(number) || []).filter((each) => each.element.isConnected), card]);
    show(purchase);
    return card;
  };

  // A press is kept until its answer is there: its key, what it submits, and the studio at which a person confirmed
  // it. Sent again under the same key, the server answers with the same purchase.
  const pending = () => JSON.parse(sessionStorage.getItem(PENDING) || "null");
  const isPending = (kept) => pending()?.key === kept.key;
  const forget = (kept) => { if (isPending(kept)) sessionStorage.removeItem(PENDING); };

  // Where a purchase is paid, and which journal knows its key.
  const place = ({ mock, address, journal }) => ({ mock, address, journal });
  const named = (studio) => (studio ? `${studio.mock ? "a mock gateway" : studio.address} (journal ${studio.journal})` : "another studio");

  const deliver = async (kept, tell) => {
    for (;;) {
      // A page that a person comes back to may be older than the one in which the press was discarded.
      if (!isPending(kept)) throw new Error("The request was discarded or answered in the meantime. History shows what was bought.");
      try {
        const purchase = await Studio.transport.buys.submit(kept.key, kept.text);
        forget(kept);
        return learn(purchase);
      } catch (error) {
        // Only these say that nothing was bought. With any other answer the press is kept, and the next one asks about it.
        if (NOTHING_BOUGHT.has(error.status)) forget(kept);
        if (!error.lost) throw error;
        tell("The connection to the studio is lost. The page sends the request again with the same purchase key, so it is bought at most once.");
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  };

  // The button, the confirmation and the purchase of this tab. `ready()` waits until what was typed last is judged, and
  // answers the text to submit, or null.
  Studio.maker = (session, ready, use, notice) => {
    const line = h("p", { class: "doc" }, session.mock ? "A mock gateway on this machine: nothing is bought, nothing is charged." : `Submitting is paid, through your account at ${session.gateway}.`);
    const problem = h("p", { class: "wrong", role: "alert" });
    const press = h("button", { type: "button", class: "primary", onclick: () => start() }, "Make the video");
    const current = document.getElementById("current");
    let busy = false;

    const lock = (on) => { busy = on; press.disabled = on || !(able || pending()); press.textContent = on ? "Submitting" : "Make the video"; };
    let able = false;

    const run = async (kept) => {
      lock(true);
      problem.textContent = "";
      try {
        const purchase = await deliver(kept, (words) => { problem.textContent = words; });
        problem.textContent = "";
        fill(current, Studio.card(purchase, use).element);
        poll();
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        lock(false);
      }
    };

    const bill = (model) => h("dl", null, h("dt", null, "Model"), h("dd", null, model), h("dt", null, "Videos"), h("dd", null, "1"),
      h("dt", null, "Gateway"), h("dd", null, session.mock ? "mock on this machine, free" : session.gateway));
    const cost = () => h("p", { class: session.mock ? "muted" : "paid" }, session.mock ? "This is a rehearsal: the mock sends a test video." : "This is a paid request. It cannot be taken back.");
    const yes = { label: session.mock ? "Make it" : "Buy it", value: "yes", kind: "primary" };

    const dropOther = () => {
      const kept = pending();
      if (!kept || Studio.same(kept.studio, place(session))) return;
      forget(kept);
      notice(h("p", { class: "wrong" }, `A request that was about to be submitted to ${named(kept.studio)} was dropped: this studio uses ${named(session)}.`),
        h("p", null, "If only its answer was lost, it may have been bought there: the History of that studio shows it."));
    };

    const discard = (kept) => {
      forget(kept);
      problem.textContent = "";
      notice(h("p", null, "The earlier request was discarded. If only its answer was lost, it may have been bought: ", h("a", { href: "#/history" }, "History"), " shows it."));
    };

    // What an earlier page or press left behind is sent only if a person says so again. Nobody may have asked for this
    // dialog, so Enter decides nothing.
    const resume = async (kept) => {
      busy = true;
      const what = h("div", null,
        h("p", null, "Its answer did not arrive, so it may have been bought. Submitted again with the same purchase key, it is bought at most once."),
        bill(kept.model), h("pre", { tabindex: 0 }, h("code", null, laidOut(kept.text))), cost(),
        h("p", { class: "muted" }, "Once you discard it, the next request gets a new key. If the earlier one was bought, you still pay for it, and History shows it."));
      const answer = await ask("Submit the earlier request again?", what, [
        { label: "Decide later", value: "", focus: true }, { label: "Discard it", value: "discard", kind: "danger" }, { ...yes, focus: false }]);
      if (answer === "yes") { await run(kept); return; }
      if (answer === "discard") discard(kept);
      else problem.textContent = "An earlier request waits for your decision. Press “Make the video” to submit or discard it.";
      lock(false);
    };

    const start = async () => {
      if (busy) return;
      const earlier = pending();
      if (earlier) { await resume(earlier); return; }
      busy = true;
      const told = await ready();
      if (!told) { busy = false; return; }
      const what = h("div", null,
        bill(told.model),
        told.remarks.length ? h("ul", null, told.remarks.map(({ field, message }) => h("li", { class: "remark" }, `${field} ${message}`))) : null,
        cost());
      const answer = await ask("Make this video?", what, [{ label: "Cancel", value: "" }, yes]);
      busy = false;
      if (answer !== "yes") { lock(false); return; }
      const kept = { key: key(), text: told.text, model: told.model, studio: place(session) };
      sessionStorage.setItem(PENDING, JSON.stringify(kept));
      await run(kept);
    };

    dropOther();
    if (pending()) start();
    return { element: [press, line, problem], able: (is) => { able = is; lock(busy); } };
  };

  // Lists the purchases anew. Only the last call does, if a person comes and goes faster than they are listed.
  let listing = 0;
  Studio.history = async (list, older, use, failed) => {
    const mine = ++listing;
    let before = null;
    const more = async () => {
      older.disabled = true;
      try {
        const page = await Studio.transport.buys.all(before);
        if (mine !== listing) return;
        page.purchases.forEach((purchase) => { list.append(Studio.card(purchase, use).element); learn(purchase); });
        before = page.before;
        older.hidden = !before;
        if (!list.childElementCount) fill(list, h("p", { class: "muted" }, "Nothing yet. Make the first video."));
      } finally {
        if (mine === listing) older.disabled = false;
      }
    };
    fill(list);
    older.onclick = () => more().catch(failed);
    await more();
  };

  setInterval(() => { for (const [number, all] of cards) { const now = known.get(number); if (now && WAITING.has(now.state)) all.forEach((card) => card.show(now)); } }, 1000);
})();
