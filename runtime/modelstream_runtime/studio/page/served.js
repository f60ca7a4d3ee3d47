"use strict";
// How the page talks to the server that served it. `exported.js` has the same methods without a server.
(() => {
  const TOKEN = "studio-token";

  // Takes the token out of an address, and shows `hash` in its place.
  const take = (address, hash) => {
    const given = /^#token=([^&]*)/.exec(new URL(address).hash);
    if (!given) return false;
    sessionStorage.setItem(TOKEN, decodeURIComponent(given[1]));
    history.replaceState(null, "", location.pathname + hash);
    return true;
  };

  take(location.href, "");
  // Each start of a studio has another token. A page uses one as long as it lives, so what it knows of the studio, and
  // told a person before a purchase, stays true.
  const token = sessionStorage.getItem(TOKEN) || "";

  // The address of the terminal was pasted into this tab: a page for that studio, with the same form.
  addEventListener("hashchange", (event) => {
    if (!take(event.newURL, new URL(event.oldURL || location.href).hash)) return;
    event.stopImmediatePropagation();
    location.reload();
  });

  // `lost` says that nobody knows whether the server got the request.
  Studio.Refused = class extends Error {
    constructor(message, status, details) {
      super(message);
      this.status = status;
      this.lost = status === 0;
      Object.assign(this, details);
    }
  };

  const send = async (method, path, content) => {
    let response, answer;
    try {
      response = await fetch(path, {
        method, body: content && JSON.stringify(content), cache: method === "GET" ? "default" : "no-store",
        headers: { "X-Studio-Token": token, ...(content && { "Content-Type": "application/json" }) },
      });
      answer = await response.json();
    } catch {
      Studio.transport.told("lost");
      throw new Studio.Refused("The connection to the studio is lost. Is it still running in the terminal?", 0);
    }
    Studio.transport.told("ready");
    if (!response.ok) {
      const { message, ...details } = answer.error || {};
      throw new Studio.Refused(message || `the studio answered ${response.status}`, response.status, details);
    }
    return answer;
  };

  const get = (path) => send("GET", path);
  const post = (path, content) => send("POST", path, content || {});
  const one = (number) => `api/purchases/${number}`;

  const base64 = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("cannot be read"));
    reader.readAsDataURL(file);
  });

  Studio.transport = {
    told: () => {},
    session: () => get("api/session"),
    catalog: () => get("api/catalog"),
    model: (id) => get(`api/models/${encodeURIComponent(id)}`),
    preview: (text, whole) => post("api/preview", { text, whole: whole === true }),
    switched: (text, model) => post("api/switch", { text, model }),
    addFile: async (file) => (await post("api/files", { name: file.name, base64: file.size ? await base64(file) : "" })).id,
    buys: {
      submit: (key, text) => post("api/purchases", { key, text }),
      all: (before) => get(`api/purchases${before ? `?before=${before}` : ""}`),
      one: (number) => get(one(number)),
      request: (number) => get(`${one(number)}/request`),
      follow: (number) => post(`${one(number)}/follow`),
      leave: (number) => post(`${one(number)}/leave`),
      hide: (number, withFile) => post(`${one(number)}/hide`, { delete_file: withFile }),
    },
  };
})();
