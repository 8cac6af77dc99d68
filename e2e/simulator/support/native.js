// The same simulator, built for this machine.

import { execFileSync } from "node:child_process";
import path from "node:path";

import { target } from "./target";

/** Evaluates each text as the program does that `cargo build --package wasm --example evaluate_lines` made. */
export function evaluate(texts) {
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
  const output = execFileSync(path.join(target, "debug/examples/evaluate_lines"), { input, maxBuffer: 1 << 30 });
  return output
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
