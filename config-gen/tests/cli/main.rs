//! The program, as people and their scripts run it.
#![expect(clippy::unwrap_used, reason = "a project that can not be made fails its test")]

mod checking;
mod mistakes;
mod project;
mod rendering;
mod starting;
