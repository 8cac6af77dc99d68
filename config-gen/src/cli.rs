//! The command line.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::explain;
use crate::failure::Failure;
use crate::generate;
use crate::import_rules;
use crate::init::{self, Made};
use crate::layers::{self, Layers};
use crate::render::Format;
use crate::report::MessageFormat;
use crate::schema;
use crate::streams::Streams;

/// Renders what each deployment tool reads for a stage, from `stages/base.json` and `stages/STAGE.json`.
#[derive(Parser)]
#[command(name = "config-gen", version, after_help = EXITS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    pub(crate) said: Said,
    /// A form to render; all of them if none is named
    #[arg(long = "format", value_name = "FORMAT")]
    pub(crate) formats: Vec<Format>,
    /// The folder of the stages' own folders, `out` beside `stages` if not said; `-` prints one format
    #[arg(short, long)]
    pub(crate) out: Option<PathBuf>,
    /// Writes nothing, and fails if any file is not as it should be
    #[arg(long, conflicts_with = "diff")]
    pub(crate) check: bool,
    /// Writes nothing, and shows what would change
    #[arg(long)]
    pub(crate) diff: bool,
}

/// What all tasks are told.
#[derive(clap::Args)]
pub(crate) struct Said {
    /// The stage
    #[arg(long, global = true)]
    pub(crate) stage: Option<String>,
    /// The folder that `stages` is in, this one if not said
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
    /// Says a value after all files: `--set CACHE_GRANT_TTL_SECS=120`
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// How problems are told
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) message_format: MessageFormat,
}

impl Said {
    pub(crate) fn dir(&self) -> &Path {
        self.dir.as_deref().unwrap_or(Path::new(""))
    }
}

#[derive(Subcommand)]
enum Task {
    /// Prints the JSON Schema of a stage's file
    Schema,
    /// Tells where a value comes from, and what it means
    Explain {
        /// A variable, or `deployment.` and what follows
        key: String,
    },
    /// Lists what two stages say differently
    Diff {
        /// A stage
        one: String,
        /// Another
        other: String,
    },
    /// Lists the stages
    Stages,
    /// Makes the first files
    Init {
        /// Takes over what an `s-function.json` of the Node.js version says
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Prints the mapping rules of a proxy configuration that 3scale exported
    ImportRules {
        /// The export
        file: PathBuf,
    },
    /// Prints the completions of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What a run came to, as programs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// A file is not as it should be.
    Drift = 1,
    /// What was said is wrong.
    BadInput = 2,
    /// A file can't be read or written.
    Io = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Does what the arguments say. Data goes to `out`, words to `err`.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let told = if error.use_stderr() { write!(err, "{error}") } else { write!(out, "{error}") };
            let exit = if error.use_stderr() { Exit::BadInput } else { Exit::Ok };
            return told.map_or(Exit::Io, |()| exit);
        }
    };
    let format = parsed.said.message_format;
    let mut streams = Streams { out, err, format };
    match dispatch(&parsed, &arguments, &mut streams) {
        Ok(exit) => exit,
        Err(failure) => streams.fail(failure),
    }
}

fn dispatch(arguments: &Arguments, typed: &[OsString], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let Said { stage, set, .. } = &arguments.said;
    let (stage, dir) = (stage.as_deref(), arguments.said.dir());
    let text = match &arguments.task {
        None => return generate::generate(arguments, typed, streams),
        Some(Task::Schema) => schema::text(),
        Some(Task::Explain { key }) => {
            let (layers, found) = Layers::load(dir, stage, set)?;
            explain::only_readable(found)?;
            explain::explain(&layers, key)?
        }
        Some(Task::Diff { one, other }) => {
            let ((one, found), (other, more)) =
                (Layers::load(dir, Some(one), set)?, Layers::load(dir, Some(other), set)?);
            explain::only_readable(found.into_iter().chain(more).collect())?;
            explain::diff(&one, &other)
        }
        Some(Task::Stages) => layers::stages(dir)?.into_iter().map(|stage| stage + "\n").collect(),
        Some(Task::Init { from }) => {
            let made = match from {
                Some(file) => init::from_s_function(dir, stage, file)?,
                None => init::init(dir, stage)?,
            };
            return told(&made, streams);
        }
        Some(Task::ImportRules { file }) => {
            let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, error))?;
            import_rules::import(&file.display().to_string(), &text)
                .map_err(|problem| Failure::Problems(vec![problem]))?
        }
        Some(Task::Completions { shell }) => {
            clap_complete::generate(*shell, &mut Arguments::command(), "config-gen", &mut streams.out);
            String::new()
        }
    };
    write!(streams.out, "{text}")?;
    Ok(Exit::Ok)
}

fn told(made: &Made, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    for path in &made.files {
        streams.say(&format!("created {}", path.display()))?;
    }
    for note in &made.notes {
        streams.say(&format!("note: {note}"))?;
    }
    streams.say("next: fill in what is there, and run `config-gen --stage STAGE`; it tells what is missing")?;
    Ok(Exit::Ok)
}

const EXITS: &str = "Exit codes: 0 all is well, 1 a file is not as it should be (--check), 2 bad input or usage, \
                     3 a file can't be read or written";
