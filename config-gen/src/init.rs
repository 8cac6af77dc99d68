//! The first files of a project.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::failure::Failure;
use crate::import::{self, Imported};
use crate::layers::is_stage_name;
use crate::report::Problem;
use crate::schema;
use crate::write;

/// What was made, and what is to be told of it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) notes: Vec<String>,
}

/// Makes `stages/`: what all stages share, one stage to fill in, and the schema beside them for editors.
pub(crate) fn init(dir: &Path, stage: Option<&str>) -> Result<Made, Failure> {
    let stage = stage.unwrap_or("dev");
    let dev = DEV.replace("STAGE_NAME", stage);
    make(dir, &[("base", BASE.to_owned()), (stage, dev)], Vec::new())
}

/// Makes `stages/` of the `s-function.json` of an earlier product, whose stage it may name.
pub(crate) fn from_s_function(dir: &Path, stage: Option<&str>, file: &Path) -> Result<Made, Failure> {
    let text = fs::read_to_string(file).map_err(|error| Failure::file(file, error))?;
    let Imported { stage: named, file: values, notes } =
        import::s_function(&file.display().to_string(), &text).map_err(|problem| Failure::Problems(vec![problem]))?;
    let stage = stage.map(str::to_owned).or(named).unwrap_or_else(|| "dev".to_owned());
    let base = format!("{:#}\n", serde_json::json!({ "$schema": SCHEMA_FILE }));
    make(dir, &[("base", base), (&stage, format!("{:#}\n", Value::Object(values)))], notes)
}

/// What editors are told in a stage's file.
pub(crate) const SCHEMA_FILE: &str = "environment.schema.json";

fn make(dir: &Path, stages: &[(&str, String)], notes: Vec<String>) -> Result<Made, Failure> {
    if let Some((name, _)) = stages.iter().skip(1).find(|(name, _)| !is_stage_name(name)) {
        let problem = Problem::error("unknown-stage", format!("`{name}` can't be a stage's name"));
        return Err(Failure::Problems(vec![problem.help("use letters, digits, `-` and `_`")]));
    }
    let folder = dir.join("stages");
    let mut files: Vec<_> =
        stages.iter().map(|(name, text)| (folder.join(format!("{name}.json")), text.clone())).collect();
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        let problem = Problem::error("exists", format!("{} is there already, and nothing was written", path.display()));
        return Err(Failure::Problems(vec![problem.help("move it away, or name another `--stage`")]));
    }
    files.push((folder.join(SCHEMA_FILE), schema::text()));
    for (path, text) in &files {
        write::replace(path, text).map_err(|error| Failure::file(path, error))?;
    }
    Ok(Made { files: files.into_iter().map(|(path, _)| path).collect(), notes })
}

const BASE: &str = r#"{
  "$schema": "environment.schema.json",
  "deployment": {
    "project": "YOUR_PROJECT",
    "region": "YOUR_REGION"
  },
  "settings": {
    "THREESCALE_SERVICE_ID": "YOUR_SERVICE_ID"
  }
}
"#;

const DEV: &str = r#"{
  "$schema": "environment.schema.json",
  "deployment": {
    "vpc": {
      "security_group_ids": ["YOUR_SECURITY_GROUP"],
      "subnet_ids": ["YOUR_SUBNET"]
    }
  },
  "settings": {
    "THREESCALE_SERVICE_TOKEN": "ssm:/YOUR_PROJECT/STAGE_NAME/service-token",
    "ELASTICACHE_ENDPOINT": "YOUR_CACHE_HOST",
    "SNS_TOPIC_ARN": "YOUR_TOPIC_ARN"
  }
}
"#;
