import path from "node:path";

/** Where cargo puts what it builds. */
export const target = process.env.CARGO_TARGET_DIR ?? path.resolve(__dirname, "../../../target");
