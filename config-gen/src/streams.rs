//! Where a run's answers go.

use std::io::{self, Write};

use crate::cli::Exit;
use crate::failure::Failure;
use crate::report::{MessageFormat, Problem};

/// Data for programs, and words for people.
pub(crate) struct Streams<'s> {
    pub(crate) out: &'s mut dyn Write,
    pub(crate) err: &'s mut dyn Write,
    pub(crate) format: MessageFormat,
}

impl Streams<'_> {
    /// Tells what is wrong.
    pub(crate) fn tell(&mut self, problems: &[Problem]) -> io::Result<()> {
        problems.iter().try_for_each(|problem| write!(self.err, "{}", problem.told(self.format)))
    }

    /// Words for people; a program that reads problems gets problems alone.
    pub(crate) fn say(&mut self, words: &str) -> io::Result<()> {
        match self.format {
            MessageFormat::Human => writeln!(self.err, "{words}"),
            MessageFormat::Json => Ok(()),
        }
    }

    /// Tells why a task was not done.
    pub(crate) fn fail(&mut self, failure: Failure) -> Exit {
        let (problems, exit) = match failure {
            Failure::Problems(problems) => (problems, Exit::BadInput),
            // Whoever read has read enough.
            Failure::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Io,
            other => (vec![Problem::error("io", other.to_string())], Exit::Io),
        };
        self.tell(&problems).map_or(Exit::Io, |()| exit)
    }
}
