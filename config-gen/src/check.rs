//! Everything that can be wrong with a stage, said at once.

mod settings;
mod shape;
mod traps;
mod values;

use std::cmp::Ordering;

use authz_core::settings::{Settings, Variables};

use crate::deployment::Deployment;
use crate::environment::{self, Environment};
use crate::layers::Layers;
use crate::render::Format;
use crate::report::Problem;
use crate::schema;

/// What all rules look at.
struct Subject<'l> {
    layers: &'l Layers,
    deployment: Deployment,
    environment: Environment,
    formats: &'l [Format],
}

impl Subject<'_> {
    /// Places a problem where a key is said, or where it would be.
    fn at(&self, name: &str, problem: Problem) -> Problem {
        match self.layers.place(name) {
            Some(place) => problem.at(place),
            None => problem,
        }
    }
}

/// A stage that can be rendered if none of its problems is an error.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) deployment: Deployment,
    pub(crate) environment: Environment,
    /// In the order of the layers, and then of their lines.
    pub(crate) problems: Vec<Problem>,
}

/// Checks all layers, and what they make together. `found` are problems of reading the files.
pub(crate) fn check(layers: &Layers, found: Vec<Problem>, formats: &[Format]) -> Checked {
    let deployment = environment::deployment(layers);
    let environment = environment::environment(layers, &deployment);
    let subject = Subject { layers, deployment, environment, formats };
    let mut problems = found;
    for rule in VALUES {
        add(&mut problems, rule(&subject));
    }
    // Nothing more can be said of a whole of which a part can't be read.
    if !problems.iter().any(|problem| problem.code == "syntax") {
        let (settings, found) = settings::read(&subject);
        add(&mut problems, found);
        for rule in [settings::missing, settings::size, shape::rest] {
            add(&mut problems, rule(&subject));
        }
        for rule in WHOLE {
            add(&mut problems, settings.as_ref().map_or_else(Vec::new, |settings| rule(&subject, settings)));
        }
    }
    problems.sort_by(|one, other| compare(layers, one, other));
    let Subject { deployment, environment, .. } = subject;
    Checked { deployment, environment, problems }
}

/// Tells of a key that nobody knows, of those that would be known in its place.
pub(crate) fn unknown_key<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Problem {
    if name.starts_with("AWS_") || name.starts_with("LAMBDA_") {
        return Problem::error("reserved-name", format!("`{name}` is a name that Lambda keeps for itself"))
            .help("remove it: Lambda sets it");
    }
    let problem = Problem::error("unknown-key", format!("`{name}` is no key that is known here"));
    let former = Variables::FORMER.iter().find(|(former, _)| *former == name).map(|(_, now)| *now);
    match former.or_else(|| schema::nearest(name, known)) {
        Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
        None => problem.help("remove it, or look into `config-gen schema`"),
    }
}

/// Of one place only the first mistake is told: what comes later follows from it, or says the same less well.
fn add(problems: &mut Vec<Problem>, more: Vec<Problem>) {
    for problem in more {
        let told = |earlier: &Problem| earlier.is_error() && earlier.place.is_some() && earlier.place == problem.place;
        if problem.code == "missing" || !problems.iter().any(told) {
            problems.push(problem);
        }
    }
}

fn compare(layers: &Layers, one: &Problem, other: &Problem) -> Ordering {
    let layer = |problem: &Problem| {
        let place = problem.place.as_ref()?;
        layers.sources.iter().position(|source| place.is_in(source))
    };
    let within =
        one.place.as_ref().zip(other.place.as_ref()).map_or(Ordering::Equal, |(one, other)| one.compare(other));
    layer(one).cmp(&layer(other)).then(within)
}

type Rule = fn(&Subject<'_>) -> Vec<Problem>;
type WholeRule = fn(&Subject<'_>, &Settings) -> Vec<Problem>;

/// Rules about single values, the most telling first.
const VALUES: [Rule; 6] = [
    values::placeholders,
    values::secret_literals,
    values::control_characters,
    values::local_references,
    values::derived,
    shape::kinds,
];

/// Rules about what values mean together.
const WHOLE: [WholeRule; 6] = [
    traps::gateway_cache,
    traps::slow_queue,
    traps::authorizer_time,
    traps::authrep_async_time,
    traps::cache_without_vpc,
    traps::topic_elsewhere,
];
