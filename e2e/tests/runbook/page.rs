//! What the runbook's page is made of.

const PAGE: &str = include_str!("../../../docs/runbook.md");

/// What is between two headings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// Without its `#`.
    pub(crate) heading: String,
    /// How many `#` it has.
    level: usize,
    /// All of it.
    pub(crate) text: String,
    /// For Logs Insights.
    pub(crate) queries: Vec<String>,
    pub(crate) examples: Vec<Example>,
}

/// A block of commands, and what the page shows of their output.
pub(crate) type Example = Vec<Command>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    pub(crate) line: String,
    pub(crate) shown: Vec<String>,
}

impl Section {
    /// Whether it is about something that a client or an operator sees.
    pub(crate) fn is_symptom(&self) -> bool {
        self.level == 3 || self.text.contains("**Cause.**")
    }

    pub(crate) fn is_only_on_aws(&self) -> bool {
        self.text.contains("\n*Only on AWS.*\n")
    }

    /// What a link to it ends with.
    pub(crate) fn anchor(&self) -> String {
        let kept = self.heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    }
}

/// The page, from the top.
pub(crate) fn sections() -> Vec<Section> {
    let mut sections = Vec::new();
    let mut section = Section::default();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('#') {
            let heading = line.trim_start_matches('#');
            let begun =
                Section { heading: heading.trim().to_owned(), level: line.len() - heading.len(), ..Section::default() };
            sections.push(std::mem::replace(&mut section, begun));
            continue;
        }
        section.text += line;
        section.text.push('\n');
        let block = lines.by_ref().take_while(|line| *line != "```");
        match line {
            "```console" => section.examples.push(example(block)),
            "```text" => section.queries.push(block.collect::<Vec<_>>().join(" ")),
            _ => assert!(!line.starts_with("```"), "a block that nobody runs: {line}"),
        }
    }
    sections.push(section);
    // Nothing is before the first heading.
    sections.split_off(1)
}

/// A command begins with `$`, and goes on in lines that are indented.
fn example<'l>(lines: impl Iterator<Item = &'l str>) -> Example {
    let mut commands: Example = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(line), _) => commands.push(Command { line: line.to_owned(), shown: Vec::new() }),
            (None, Some(command)) if line.starts_with("    ") => command.line.extend(["\n", line]),
            (None, Some(command)) => command.shown.push(line.to_owned()),
            (None, None) => panic!("an example begins with a command, not with {line}"),
        }
    }
    commands
}
