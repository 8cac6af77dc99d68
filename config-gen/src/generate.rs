//! The main task: a stage's files, written or compared.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::check::{Checked, check};
use crate::cli::{Arguments, Exit, Said};
use crate::environment::{self, MOST_BYTES};
use crate::failure::Failure;
use crate::layers::{self, Layers};
use crate::render::{File, Format, Stage, single_quoted};
use crate::report::Problem;
use crate::streams::Streams;
use crate::write::{self, Drift};

/// Checks a stage, and renders it if nothing is wrong with it.
pub(crate) fn generate(arguments: &Arguments, typed: &[OsString], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let formats = if arguments.formats.is_empty() { Format::value_variants() } else { &arguments.formats };
    let Some(stage) = checked(&arguments.said, formats, streams)? else { return Ok(Exit::BadInput) };
    let mut files = Vec::new();
    for format in formats {
        files.extend(stage.render(*format)?);
    }
    let out = arguments.out.clone().unwrap_or_else(|| arguments.said.dir().join("out"));
    let folder = out.join(&stage.name);
    match (out.as_os_str() == "-", arguments.check, arguments.diff) {
        (true, false, false) => print(&files, formats, streams),
        (true, ..) => Err(usage("`-` can be neither checked nor compared", "leave out `--out -`")),
        (false, false, false) => write_all(&stage, &folder, &files, streams),
        (false, true, _) => {
            // What other formats render is no orphan.
            let is_whole = arguments.formats.is_empty();
            let orphans = if is_whole { write::orphans(&folder, &files)? } else { Vec::new() };
            compare(&write::drifts(&folder, &files)?, &orphans, typed, streams)
        }
        (false, false, true) => show(&write::drifts(&folder, &files)?, streams),
    }
}

/// Tells everything that is to be said of a stage, and returns it if it can be rendered.
fn checked(said: &Said, formats: &[Format], streams: &mut Streams<'_>) -> Result<Option<Stage>, Failure> {
    let (Said { stage, set, .. }, dir) = (said, said.dir());
    let Some(name) = stage else {
        let known = layers::stages(dir).unwrap_or_default().join(", ");
        return Err(usage("no stage is named", &format!("write `--stage STAGE`; known: {known}")));
    };
    let (layers, found) = Layers::load(dir, Some(name), set)?;
    let Checked { deployment, environment, problems } = check(&layers, found, formats);
    streams.tell(&problems)?;
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    if errors == 0 {
        return Ok(Some(Stage { name: name.clone(), deployment, environment }));
    }
    let plural = if errors == 1 { "" } else { "s" };
    streams.say(&format!("{errors} error{plural}, nothing written"))?;
    Ok(None)
}

fn usage(message: &str, help: &str) -> Failure {
    Failure::Problems(vec![Problem::error("usage", message).help(help)])
}

fn print(files: &[File], formats: &[Format], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    if formats.len() != 1 {
        return Err(usage("`-` prints one format", "name it: `--format env-json`"));
    }
    files.iter().try_for_each(|file| write!(streams.out, "{}", file.text))?;
    Ok(Exit::Ok)
}

fn write_all(stage: &Stage, folder: &Path, files: &[File], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let written = write::write(folder, files)?;
    for path in &written {
        streams.say(&format!("wrote {}", path.display()))?;
    }
    let bytes = environment::bytes(&stage.environment);
    let unchanged = files.len() - written.len();
    let variables = stage.environment.len();
    streams.say(&format!("{unchanged} unchanged; {variables} variables, {bytes} of {MOST_BYTES} bytes"))?;
    Ok(Exit::Ok)
}

fn show(drifts: &[Drift], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    drifts.iter().try_for_each(|drift| write!(streams.out, "{}", drift.diff))?;
    streams.say(&format!("{} files would change, nothing written", drifts.len()))?;
    Ok(Exit::Ok)
}

fn compare(
    drifts: &[Drift],
    orphans: &[PathBuf],
    typed: &[OsString],
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    drifts.iter().try_for_each(|drift| write!(streams.out, "{}", drift.diff))?;
    let drifts =
        drifts.iter().map(|drift| Problem::error("drift", format!("{} is not as it should be", drift.path.display())));
    let orphaned =
        orphans.iter().map(|orphan| Problem::error("orphan", format!("nothing renders {} any more", orphan.display())));
    let problems: Vec<_> = drifts.chain(orphaned).collect();
    if problems.is_empty() {
        return Ok(Exit::Ok);
    }
    streams.tell(&problems)?;
    streams.say(&format!("to mend it, run: {}", mend(typed, orphans)))?;
    Ok(Exit::Drift)
}

/// The same command without `--check`; what nothing renders is to be removed.
fn mend(typed: &[OsString], orphans: &[PathBuf]) -> String {
    let words = typed.iter().map(|word| word.to_string_lossy()).filter(|word| word != "--check");
    let mut command = words.map(|word| shell_word(&word)).collect::<Vec<_>>().join(" ");
    if !orphans.is_empty() {
        let paths = orphans.iter().map(|path| shell_word(&path.to_string_lossy()));
        command = format!("{command} && rm {}", paths.collect::<Vec<_>>().join(" "));
    }
    command
}

fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-=:,+@".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) { word.to_owned() } else { single_quoted(word) }
}
