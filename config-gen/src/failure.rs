//! Why a task was not done.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::report::Problem;

/// Why a task was not done.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{0}")]
    Stream(#[from] io::Error),
    #[error("a template can't be rendered: {0}")]
    Template(#[from] handlebars::RenderError),
}

impl Failure {
    pub(crate) fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}
