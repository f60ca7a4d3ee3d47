"use strict";
// How the page talks to the server that served it. `exported.js` has the same methods without a server.
(() => {
  const TOKEN = "studio-token";
  const given = /^#token=([^&]*)/.exec(location.hash);
  if (given) {
    sessionStorage.setItem(TOKEN, decodeURIComponent(given[1]));
    history.replaceState(null, "", location.pathname);
  }

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
        headers: { "X-Studio-Token": sessionStorage.getItem(TOKEN) || "", ...(content && { "Content-Type": "application/json" }) },
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
