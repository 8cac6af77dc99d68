// The page of the policy simulator.

import { mountCompare } from "./compare.js";
import { mountDecision } from "./decision.js";
import { mountDetails } from "./details.js";
import { byId, notify } from "./dom.js";
import { mountEditor } from "./editor.js";
import { start } from "./engine.js";
import { mountExamples, openExample } from "./examples.js";
import { mountImport } from "./import.js";
import { mountKeys } from "./keys.js";
import { mountLints } from "./lints.js";
import { mountReply } from "./reply.js";
import { mountSettings } from "./settings.js";
import { mountShare, openLink } from "./share.js";
import { mountSteps } from "./steps.js";
import { mountTheme } from "./theme.js";
import { mountTimeline } from "./timeline.js";

/** What is shown where the address says nothing. */
const FIRST = "limit-is-met";

async function begin() {
  mountTheme();
  document.body.classList.toggle("embed", new URLSearchParams(location.search).has("embed"));
  const version = await start();
  mountExamples();
  byId("version").textContent = version;
  for (const mount of [mountEditor, mountDecision, mountTimeline, mountCompare, mountSteps, mountDetails]) mount();
  for (const mount of [mountLints, mountReply, mountSettings, mountShare, mountImport, mountKeys]) mount();
  if (!(await openLink())) openExample(FIRST);
  if (matchMedia("(max-width: 999px)").matches)
    document.querySelectorAll("details").forEach((pane) => (pane.open = false));
  document.body.dataset.ready = "";
}

begin().catch((error) => notify(`The simulator can\u2019t start: ${error.message}`));
