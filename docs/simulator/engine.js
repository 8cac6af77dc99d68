// The functions' own code.

import { fromBase64, inflated } from "./bytes.js";
import { initSync, evaluate, version, __wbg_reset_state } from "./glue.js";

/** Makes the engine ready, and returns its version. */
export async function start() {
  initSync({ module: await WebAssembly.compile(await file("glue_bg.wasm")) });
  return version();
}

/** Simulates a scenario. The engine answers whatever it is given; should it trap all the same, it begins anew. */
export function simulate(text) {
  try {
    return JSON.parse(evaluate(text));
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    __wbg_reset_state();
    const message = "the simulator stopped, which it never should; it has begun anew";
    return { ok: false, problems: [{ code: "trap", message, help: "undo the last change, and report it" }] };
  }
}

/** A file beside the page; where the page is a single file, it is in an element. */
async function file(name) {
  const packed = document.getElementById(`file-${name}`);
  if (packed) return inflated(fromBase64(packed.textContent), "gzip");
  const reply = await fetch(new URL(name, document.baseURI));
  if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
  return new Uint8Array(await reply.arrayBuffer());
}
