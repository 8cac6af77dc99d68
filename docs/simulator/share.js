// Scenarios in links: everything stands behind the `#`, which no server is sent.

import { app, load } from "./app.js";
import { deflated, fromBase64, inflated, toBase64Url } from "./bytes.js";
import { byId, copy, notify } from "./dom.js";
import { openExample } from "./examples.js";
import { curl, report } from "./export.js";
import { format } from "./format.js";
import { redacted } from "./redact.js";

/** Lets the scenario be shared. */
export function mountShare() {
  byId("open-share").addEventListener("click", openShare);
  byId("copy-link").addEventListener("click", (event) => copy(byId("link").value, event.currentTarget));
  byId("copy-scenario").addEventListener("click", (event) => copy(shareable().text, event.currentTarget));
  byId("copy-report").addEventListener("click", (event) => copy(report(), event.currentTarget));
  byId("copy-curl").addEventListener("click", (event) => copy(curl(), event.currentTarget));
  byId("leave-embed").addEventListener("click", (event) => (event.currentTarget.hash = location.hash));
  window.addEventListener("hashchange", openLink);
}

/** Shows the link of this scenario. */
export async function openShare() {
  if (app.problems.some(({ code }) => code === "not_json")) {
    notify("Only a scenario that is JSON can be shared: in any other text credentials can\u2019t be found.");
    return;
  }
  const { text, count } = shareable();
  byId("link").value = `${location.href.split("#")[0]}#${await link(text, app.selected)}`;
  byId("hidden-keys").textContent = count === 1 ? "1 credential is replaced." : `${count} credentials are replaced.`;
  byId("copy-curl").disabled = curl() === undefined;
  byId("share").showModal();
  byId("link").select();
}

/** Opens what the address says; tells whether it said anything. A damaged link leaves everything as it is. */
export async function openLink() {
  const { hash } = location;
  const parts = new URLSearchParams(hash.slice(1));
  if (parts.has("example")) return openExample(parts.get("example"));
  if (!parts.has("v1")) {
    if (hash.length > 1) notify("The link has a form that this page does not know: is it complete?");
    return false;
  }
  try {
    const bytes = await inflated(fromBase64(parts.get("v1")));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // Another link may have been opened meanwhile.
    if (location.hash === hash) load(text, Number(parts.get("moment") ?? 1) - 1);
    return true;
  } catch {
    notify("The link is damaged: a part of it is missing or was changed. Ask for it again.");
    return false;
  }
}

async function link(text, selected) {
  const packed = toBase64Url(await deflated(new TextEncoder().encode(text)));
  return `v1=${packed}${selected > 0 ? `&moment=${selected + 1}` : ""}`;
}

function shareable() {
  const { scenario, count } = redacted(JSON.parse(app.text));
  return { text: format(scenario), count };
}
