"use strict";
// The same methods as in `served.js`, without a server: the models are in `data`, and the judge is the Python package
// itself, in a worker. From a file, a browser loads classic scripts only, so all data come as such.
(() => {
  const waiting = new Map();
  Studio.data = (name, content) => { waiting.get(name)?.(content); waiting.delete(name); };

  const load = (name) => new Promise((resolve, reject) => {
    waiting.set(name, resolve);
    const script = document.createElement("script");
    script.src = `${name}.js`;
    script.onerror = () => reject(new Error(`${name}.js is missing from this export`));
    document.head.append(script);
  });

  // In a file a script cannot read another file, so the engine comes as Base64 in scripts, and goes to the worker.
  const index = load("data/index");
  const calls = new Map();
  let worker = null, last = 0, ready = null;

  const call = (method, ...given) => new Promise((resolve, reject) => {
    calls.set(++last, { resolve, reject });
    worker.postMessage({ number: last, method, given });
  });

  const start = async (parts) => {
    Studio.transport.told("starting");
    const files = {};
    for (const part of parts) files[part] = await load(`engine/${part}`);
    worker = new Worker(`data:text/javascript;base64,${files.worker}`, { type: "module" });
    delete files.worker;
    const started = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.ready) return resolve();
        if (data.failed) return reject(new Error(data.failed));
        const { resolve: answer, reject: refuse } = calls.get(data.number);
        calls.delete(data.number);
        if (data.error) refuse(new Error(data.error)); else answer(data.answer);
      };
      worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
    });
    worker.postMessage(files);
    await started;
  };

  const judged = async (method, ...given) => {
    await ready;
    if (!worker) throw new Error("this needs the checks, which this page does not have");
    return call(method, ...given);
  };

  Studio.transport = {
    told: () => {},
    session: async () => {
      const { session, engine } = await index;
      ready = engine.length ? start(engine).then(() => Studio.transport.told("ready"), (error) => {
        worker = null;
        Studio.transport.told("absent", `the engine did not start (${error.message})`);
      }) : Promise.resolve();
      if (!engine.length) setTimeout(() => Studio.transport.told("absent", "this export has no engine"));
      return session;
    },
    catalog: async () => (await index).catalog,
    model: async (id) => {
      const { catalog } = await index;
      return load(`data/model-${catalog.findIndex((each) => each.id === id)}`);
    },
    preview: async (text, whole) => {
      await ready;
      return worker && JSON.parse(await judged("preview", text, whole === true));  // Without checks, null.
    },
    switched: async (text, model) => JSON.parse(await judged("switched", text, model)),
    addFile: async (file) => judged("add", file.name, new Uint8Array(await file.arrayBuffer())),
    buys: null,
  };
})();
