//! `base.json` < a stage's own file < `--set`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{fs, io};

use serde_json::Value;

use crate::failure::Failure;
use crate::report::{Place, Problem};
use crate::schema::{self, Key};
use crate::source::{Source, Spot};

/// All that is said about a stage.
#[derive(Debug)]
pub(crate) struct Layers {
    /// The stage's name; `None` for what all stages share.
    pub(crate) stage: Option<String>,
    /// The folder of the files.
    pub(crate) folder: PathBuf,
    /// What comes later counts.
    pub(crate) sources: Vec<Rc<Source>>,
}

/// A value, and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) value: Value,
    source: Rc<Source>,
    spot: Spot,
}

impl Layers {
    /// Reads the files of a stage, and the arguments. Of files that are no JSON only problems are returned.
    pub(crate) fn load(dir: &Path, stage: Option<&str>, set: &[String]) -> Result<(Self, Vec<Problem>), Failure> {
        let folder = dir.join(FOLDER);
        let mut layers = Self { stage: stage.map(str::to_owned), folder, sources: Vec::new() };
        let mut problems = Vec::new();
        layers.add_file(BASE, &mut problems)?;
        if let Some(stage) = stage
            && (!is_stage_name(stage) || !layers.add_file(stage, &mut problems)?)
        {
            return Err(Failure::Problems(vec![unknown_stage(dir, stage)?]));
        }
        for argument in set {
            match read_argument(argument) {
                Ok(source) => layers.sources.push(source),
                Err(problem) => problems.push(problem),
            }
        }
        Ok((layers, problems))
    }

    /// What each layer says of a key; the last of them counts.
    pub(crate) fn origins(&self, key: &Key) -> Vec<Origin> {
        let origins = self.sources.iter().filter_map(|source| {
            let (value, spot) = (source.value.pointer(&key.pointer)?.clone(), source.spot(&key.pointer)?.clone());
            Some(Origin { value, source: source.clone(), spot })
        });
        origins.collect()
    }

    /// What counts of a key.
    pub(crate) fn effective(&self, key: &Key) -> Option<Origin> {
        self.origins(key).pop()
    }

    /// Everything that is said, by key.
    pub(crate) fn all(&self) -> BTreeMap<&'static str, Origin> {
        let said = schema::keys().iter().filter_map(|key| Some((key.name.as_str(), self.effective(key)?)));
        said.collect()
    }

    /// Where a key is said, or where it would be: in the last file.
    pub(crate) fn place(&self, name: &str) -> Option<Place> {
        let key = schema::key(name)?;
        let part = if key.is_setting() { "/settings" } else { "/deployment" };
        let mut files = self.sources.iter().filter(|source| source.name != "--set");
        self.effective(key).map(|origin| origin.place()).or_else(|| {
            let file = files.next_back()?;
            let spot = file.spot(part).map_or(0..1, |spot| spot.key.clone());
            Some(Place::new(file, spot))
        })
    }

    /// The file that a value `file:NAME` refers to, beside the stage's own.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn add_file(&mut self, name: &str, problems: &mut Vec<Problem>) -> Result<bool, Failure> {
        let path = self.folder.join(format!("{name}.json"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(Failure::file(&path, error)),
        };
        let (source, found) = Source::parse(path.display().to_string(), text);
        problems.extend(found);
        self.sources.push(source);
        Ok(true)
    }
}

impl Origin {
    /// Where the value is.
    pub(crate) fn place(&self) -> Place {
        Place::new(&self.source, self.spot.value.clone())
    }

    /// Where something in the value is, if it has a place of its own.
    pub(crate) fn place_below(&self, path: &str) -> Place {
        let spot = self.source.spot(&format!("{}/{path}", self.spot.pointer));
        spot.map_or_else(|| self.place(), |spot| Place::new(&self.source, spot.value.clone()))
    }
}

/// Whether API Gateway takes a name for a stage, and it is not that of what all stages share.
pub(crate) fn is_stage_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=128).contains(&name.len()) && name.bytes().all(is_allowed) && name != BASE
}

/// The names of all stages: of the files that hold what a stage's file holds. Without a folder there is none.
pub(crate) fn stages(dir: &Path) -> Result<Vec<String>, Failure> {
    let folder = dir.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::file(&folder, error)),
    };
    let mut stages = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Failure::file(&folder, error))?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).filter(|name| *name != BASE);
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if let Some(name) = name.filter(|_| is_json && holds_a_stage(&path)) {
            stages.push(name.to_owned());
        }
    }
    stages.sort();
    Ok(stages)
}

/// A list of rules is no stage, and neither is the schema; a file that is no JSON may be one.
fn holds_a_stage(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let is_stage = |value: Value| value.as_object().is_some_and(|file| !file.contains_key("properties"));
    serde_json::from_str(&text).map_or(true, is_stage)
}

fn unknown_stage(dir: &Path, stage: &str) -> Result<Problem, Failure> {
    let known = stages(dir)?;
    let nearest = schema::nearest(stage, known.iter().map(String::as_str));
    let question = nearest.map_or_else(String::new, |nearest| format!("did you mean `{nearest}`? "));
    let help = if known.is_empty() {
        "`config-gen init` makes the first".to_owned()
    } else {
        format!("{question}known: {}", known.join(", "))
    };
    Ok(Problem::error("unknown-stage", format!("there is no stage `{stage}` in {}", dir.join(FOLDER).display()))
        .help(help))
}

fn read_argument(argument: &str) -> Result<Rc<Source>, Problem> {
    let Some((name, text)) = argument.split_once('=') else {
        let name = if schema::key(argument).is_some() { argument } else { "KEY" };
        return Err(
            Problem::error("usage", "`--set` needs a key and a value").help(format!("write `--set {name}=VALUE`"))
        );
    };
    match schema::key(name) {
        Some(key) => Ok(Source::argument(argument, &key.pointer, key.read(text))),
        None => Err(crate::check::unknown_key(name, schema::keys().iter().map(|key| key.name.as_str()))
            .at(Place::new(&Source::argument(argument, &format!("/{name}"), text.into()), 0..name.len()))),
    }
}

const FOLDER: &str = "stages";
const BASE: &str = "base";
