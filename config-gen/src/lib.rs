//! Per-stage environments that cannot be wrong.
//!
//! ```text
//!  stages/base.json < stages/STAGE.json < --set      one schema: that of the functions' own settings
//!        │ source: JSON with positions
//!        ▼
//!     layers ──▶ check: schema, secrets, `Settings::read` itself, Lambda's limits, known traps
//!                  │ all problems at once, each with its place       │ none
//!                  ▼                                                 ▼
//!               report                          environment ──▶ render ──▶ write | --check | --diff
//! ```
//!
//! What passes here is what the functions take: both read it by [`authz_core::settings::Settings::read`]. Nothing of the
//! machine's environment is looked at, so the same files give the same bytes everywhere.

mod check;
mod cli;
mod deployment;
mod environment;
mod explain;
mod failure;
mod generate;
mod import;
mod import_rules;
mod init;
mod layers;
mod mask;
mod render;
mod report;
mod schema;
mod secret;
mod source;
mod streams;
mod write;

pub use cli::{Exit, run};
pub use render::Format;
pub use schema::text as schema_text;
