use std::fmt::Write as _;

use crate::calendar::Moment;
use crate::limits::{UsageReport, whole_secs};
use crate::refusal::Refusal;
use crate::{Application, Service};

/// A verdict, ready to be written as XML.
pub(crate) struct Status<'a> {
    pub(crate) service: &'a Service,
    pub(crate) application: &'a Application,
    pub(crate) denial: Option<Refusal>,
    /// For the OAuth endpoints: how the answer calls the redirect URL.
    pub(crate) redirect_name: Option<&'static str>,
    pub(crate) reports: Vec<UsageReport<'a>>,
    pub(crate) list_app_keys: bool,
    pub(crate) hierarchy: bool,
    pub(crate) now_ms: u64,
}

/// Writes an error.
pub(crate) fn error(refusal: &Refusal) -> String {
    let message = escaped(&refusal.message);
    format!(r#"{DECLARATION}<error code="{}">{message}</error>"#, refusal.code)
}

impl Status<'_> {
    /// Writes the status. Reason, keys and application ids are not escaped, just as 3scale does not.
    pub(crate) fn to_xml(&self) -> String {
        let mut xml = format!("{DECLARATION}<status>");
        match &self.denial {
            None => xml.push_str("<authorized>true</authorized>"),
            Some(denial) => push(&mut xml, &["<authorized>false</authorized><reason>", &denial.message, "</reason>"]),
        }
        if let Some(name) = self.redirect_name {
            self.push_application(&mut xml, name);
        }
        push(&mut xml, &["<plan>", &escaped(&self.application.plan.name), "</plan>"]);
        self.push_usage_reports(&mut xml);
        if self.list_app_keys {
            self.push_app_keys(&mut xml);
        }
        if self.hierarchy {
            self.push_hierarchy(&mut xml);
        }
        xml.push_str("</status>");
        xml
    }

    fn push_application(&self, xml: &mut String, redirect_name: &str) {
        let secret = self.application.keys.first().map_or("", String::as_str);
        let redirect = escaped(self.application.redirect_url.as_deref().unwrap_or_default());
        push(xml, &["<application><id>", &self.application.id, "</id><key>", secret, "</key>"]);
        push(xml, &["<", redirect_name, ">", &redirect, "</", redirect_name, "></application>"]);
    }

    fn push_usage_reports(&self, xml: &mut String) {
        if self.reports.is_empty() {
            return;
        }
        xml.push_str("<usage_reports>");
        for report in &self.reports {
            push_usage_report(xml, report, whole_secs(self.now_ms));
        }
        xml.push_str("</usage_reports>");
    }

    fn push_app_keys(&self, xml: &mut String) {
        push(xml, &[r#"<app_keys app=""#, &self.application.id, r#"" svc=""#, &self.service.id, r#"">"#]);
        for key in self.application.keys.iter().take(MAX_LISTED_KEYS) {
            push(xml, &[r#"<key id=""#, key, r#""/>"#]);
        }
        xml.push_str("</app_keys>");
    }

    /// Writes one element a report, so a metric with two limits is there twice and one without is not.
    fn push_hierarchy(&self, xml: &mut String) {
        xml.push_str("<hierarchy>");
        for report in &self.reports {
            let children: Vec<&str> = self.service.children_of(report.limit.metric).collect();
            let children = children.join(" ");
            push(xml, &[r#"<metric name=""#, report.limit.metric, r#"" children=""#, &children, r#""/>"#]);
        }
        xml.push_str("</hierarchy>");
    }
}

fn push_usage_report(xml: &mut String, report: &UsageReport<'_>, now_secs: i64) {
    let limit = &report.limit;
    push(xml, &[r#"<usage_report metric=""#, limit.metric, r#"" period=""#, limit.period.name(), r#"""#]);
    xml.push_str(if report.is_exceeded() { r#" exceeded="true">"# } else { ">" });
    if let Some((start, end)) = limit.period.bounds(now_secs) {
        let (start, end) = (Moment(start), Moment(end));
        let _ = write!(xml, "<period_start>{start}</period_start><period_end>{end}</period_end>");
    }
    let _ = write!(xml, "<max_value>{}</max_value><current_value>{}</current_value>", limit.max, report.current);
    xml.push_str("</usage_report>");
}

fn push(xml: &mut String, parts: &[&str]) {
    xml.extend(parts.iter().copied());
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if is_allowed(c) => escaped.push(c),
            _ => escaped.push(char::REPLACEMENT_CHARACTER),
        }
    }
    escaped
}

/// Returns whether XML 1.0 allows the character.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
const MAX_LISTED_KEYS: usize = 256;
