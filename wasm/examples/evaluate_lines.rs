//! The simulator as it is built for this machine: each line in is a scenario as a JSON text, each line out its result as one.

use std::io::{self, BufRead as _, Write as _};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let scenario: String = serde_json::from_str(&line?)?;
        writeln!(out, "{}", serde_json::Value::from(wasm::evaluate(&scenario)))?;
    }
    out.flush()
}
