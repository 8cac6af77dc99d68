// Credentials in a scenario, hidden before it leaves the page.

/** Names of headers, parameters and settings whose values are credentials. */
const SECRET = /key|token|secret|password|auth|cookie|signature|session/i;

/** Names that only look so. An app id is no credential. */
const HARMLESS = /^(THREESCALE_AUTH_TYPE|THREESCALE_SERVICE_ID|authorizer\w*|routeKey|app_id|app-id)$/i;

/** A shorter credential could be part of anything, so it is only hidden where it stands alone. */
const DISTINCT = 4;

/**
 * Replaces every credential by `<key:N>`, the same one by the same number, and tells how many there were; `hide` does so
 * in another text about the scenario.
 */
export function redacted(scenario) {
  const credentials = new Credentials(namesOfSources(scenario.settings?.CREDENTIAL_SOURCES));
  credentials.learn(scenario, "");
  return { scenario: credentials.hide(scenario), count: credentials.count, hide: (text) => credentials.hide(text) };
}

/** The headers and parameters that hold credentials; of an app id and its key, the key. */
function namesOfSources(sources) {
  const names = String(sources ?? "")
    .split(",")
    .map((source) => source.split(":")[1]?.split("/").at(-1));
  return names.filter(Boolean).map((name) => name.trim().toLowerCase());
}

class Credentials {
  /** Each credential, and what is shown in its place. */
  #known = new Map();

  constructor(names) {
    this.names = names;
    this.count = 0;
  }

  /** Remembers what stands under the name of a credential, anywhere in a value. */
  learn(value, name) {
    if (typeof value === "string") this.#learnText(value, name);
    else if (Array.isArray(value)) value.forEach((member) => this.learn(member, name));
    else if (value) Object.entries(value).forEach(([inner, member]) => this.learn(member, inner));
  }

  #learnText(text, name) {
    if (this.#isSecret(name)) this.#learnHeader(text);
    const query = name === "rawQueryString" ? text : text.split("?").slice(1).join("?");
    for (const [, key, value] of query.matchAll(/([^&=]+)=([^&]*)/g)) {
      if (this.#isSecret(decoded(key))) [value, decoded(value)].forEach((part) => this.#add(part));
    }
    // 3scale's own texts repeat credentials.
    for (const [, quoted] of text.matchAll(/(?:key|token) "([^"]+)"/g)) this.#add(quoted);
  }

  /** A scheme is none, and `Basic` has two of them in its base64. */
  #learnHeader(text) {
    const [, scheme, rest] = /^([A-Za-z]+) +(\S.*)$/.exec(text) ?? [];
    if (scheme?.toLowerCase() !== "basic") return this.#add(rest ?? text);
    try {
      const parts = atob(rest).split(":");
      parts.forEach((part) => this.#add(part));
      this.#known.set(rest, btoa(parts.map((part) => this.#known.get(part) ?? part).join(":")));
    } catch {
      this.#add(rest);
    }
  }

  #add(text) {
    // A reference tells nothing, and one letter over and over neither.
    const tellsNothing = /^(ssm|secretsmanager):|^(.)\2*$/.test(text);
    if (text === "" || tellsNothing || this.#known.has(text)) return;
    this.count += 1;
    this.#known.set(text, `<key:${this.count}>`);
  }

  #isSecret(name) {
    const isNamed = this.names.includes(name.toLowerCase()) || name === "identitySource";
    return isNamed || (SECRET.test(name) && !HARMLESS.test(name));
  }

  /** Writes a value without what was learned. */
  hide(value, name) {
    if (typeof value === "string") return this.#hideText(value, name === "body");
    if (Array.isArray(value)) return value.map((member) => this.hide(member, name));
    if (!value || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([inner, member]) => [inner, this.hide(member, inner)]));
  }

  #hideText(text, isXml) {
    let shown = text;
    // A longer one first: another may be a part of it.
    const known = [...this.#known].sort(([one], [other]) => other.length - one.length);
    for (const [credential, placeholder] of known) {
      const number = isXml ? placeholder.replace("<", "&lt;").replace(">", "&gt;") : placeholder;
      if (credential.length >= DISTINCT) shown = shown.replaceAll(credential, () => number);
      else
        shown = shown
          .split(/([=&? ])/)
          .map((part) => (part === credential ? number : part))
          .join("");
    }
    return shown;
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
