// The worker of an exported page: the Python package itself, in Pyodide. It is sent every file that it needs, because
// where it runs it can load none, and it asks nobody else for any.
const bytes = async (packed) => {
  const raw = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

const module = async (packed) => {
  const source = await bytes(packed);
  let text = "";
  for (let start = 0; start < source.length; start += 0x8000) text += String.fromCharCode(...source.subarray(start, start + 0x8000));
  return import(`data:text/javascript;base64,${btoa(text)}`);
};

const HOME = "https://engine.invalid/";

const start = async ({ pyodide, loader, wasm, stdlib, site, settings }) => {
  const here = { "pyodide.asm.wasm": ["application/wasm", wasm], "python_stdlib.zip": ["application/zip", stdlib] };
  globalThis.fetch = async (address) => {
    const found = here[String(address.url || address).replace(HOME, "")];
    if (!found) throw new TypeError("the worker loads nothing");
    return new Response(await bytes(found[1]), { headers: { "content-type": found[0] } });
  };
  const { python, catalog } = settings;
  const { loadPyodide } = await module(pyodide);
  const engine = await loadPyodide({
    indexURL: HOME,
    packageBaseUrl: HOME,
    lockFileContents: { info: python, packages: {} },
    createPyodideModule: (await module(loader)).default,
  });
  const packages = engine.runPython("import sysconfig; sysconfig.get_path('purelib')");
  engine.unpackArchive(await bytes(site), "zip", { extractDir: packages });
  engine.runPython("import importlib; importlib.invalidate_caches()");
  return engine.pyimport("modelstream_runtime.studio.offline").Offline(catalog);
};

let offline;

onmessage = async ({ data }) => {
  if (data.method === undefined) {
    try {
      offline = await start(data);
      postMessage({ ready: true });
    } catch (error) {
      postMessage({ failed: String(error.message || error) });
    }
    return;
  }
  try {
    postMessage({ number: data.number, answer: offline[data.method](...data.given) });
  } catch (error) {
    postMessage({ number: data.number, error: String(error.message || error) });
  }
};
