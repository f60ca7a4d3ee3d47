"use strict";
// The values of a form, as JSON that keeps every number as somebody wrote it, and as a part of the address.
(() => {
  const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

  Studio.parse = (text) => JSON.parse(text, (_, value, context) =>
    typeof value === "number" ? JSON.rawJSON(context.source) : value);

  Studio.isNumber = (value) => JSON.isRawJSON(value);

  Studio.same = (first, second) => JSON.stringify(first) === JSON.stringify(second);

  // What a person typed where a number belongs: the number, or else the text, which the judge then refuses.
  Studio.typed = (text) => {
    const bare = text.trim();
    if (NUMBER.test(bare)) return JSON.rawJSON(bare);
    try {
      return bare === "" ? undefined : bare.startsWith("\"") ? JSON.parse(bare) : text;
    } catch {
      return text;
    }
  };

  // The same the other way around: a text is quoted if it would read as a number.
  Studio.untyped = (value) => {
    if (value === undefined || value === null) return "";
    if (Studio.isNumber(value) || typeof value !== "string") return JSON.stringify(value);
    return Studio.same(Studio.typed(value), value) ? value : JSON.stringify(value);
  };

  Studio.text = (form, values) => JSON.stringify({ form, values });

  Studio.isFile = (value) => typeof value === "string" && /^(file|base64):[0-9a-f]{12}\//.test(value);

  // No address has files: those that only this page knows, or a whole one as a text.
  const hasFile = (value) =>
    Array.isArray(value) || (value !== null && typeof value === "object" && !Studio.isNumber(value))
      ? Object.values(value).some(hasFile)
      : Studio.isFile(value) || (typeof value === "string" && (value.startsWith("data:") || value.length > 10_000));

  const written = (value) => (typeof value === "string" && !looksLikeJson(value) ? value : JSON.stringify(value));

  const looksLikeJson = (text) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return text === "";
    }
  };

  // #kling-v3?duration=8&prompt=A%20cup&!seed
  Studio.address = (form, values) => {
    const parts = Object.entries(values).filter(([, value]) => value !== undefined && !hasFile(value)).map(
      ([name, value]) => (value === null ? `!${encodeURIComponent(name)}`
        : `${encodeURIComponent(name)}=${encodeURIComponent(written(value))}`));
    return `#${encodeURIComponent(form)}${parts.length ? `?${parts.join("&")}` : ""}`;
  };

  Studio.read = (hash) => {
    const [form, query] = hash.replace(/^#/, "").split(/\?(.*)/s);
    const values = {};
    try {
      for (const part of (query || "").split("&").filter(Boolean)) {
        const [name, text] = part.split(/=(.*)/s).map(decodeURIComponent);
        if (text === undefined && name.startsWith("!")) values[name.slice(1)] = null;
        else if (text !== undefined) values[name] = looksLikeJson(text) && text !== "" ? Studio.parse(text) : text;
      }
      return { form: decodeURIComponent(form), values };
    } catch {
      return { form: "", values: {} };  // Half an escape: a link that was cut off.
    }
  };

  Studio.supported = typeof JSON.rawJSON === "function";
})();
