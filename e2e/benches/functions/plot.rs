//! The calls as a drawing: a bar for the median of each kind.

use crate::samples::Samples;
use crate::warm::Warm;

/// Draws them, as SVG.
pub(crate) fn of(warm: &Warm) -> String {
    let bars = [
        ("does nothing", "floor", &warm.noop.cycle),
        ("nothing but a GET", "floor", &warm.get.cycle),
        ("nothing but the script", "floor", &warm.script.cycle),
        ("hit", "ours", &warm.hit.cycle),
        ("hit, Redis over TLS", "ours", &warm.hit_over_tls.cycle),
        ("miss, all over TLS", "ours", &warm.miss_over_tls.cycle),
    ];
    let most = bars.iter().map(|(.., samples)| micros(samples.median())).fold(0.0, f64::max);
    let scale = PLOT_WIDTH / most;
    let told: Vec<String> = bars.iter().map(|(name, _, samples)| told(name, samples)).collect();
    let drawn: String =
        (0..).zip(&bars).map(|(row, (name, kind, samples))| bar(row, name, kind, samples, scale)).collect();
    format!(
        "{HEAD}{}{STYLE}{drawn}</svg>\n",
        format_args!("  <desc id=\"d\">Microseconds: {}.</desc>\n", told.join("; "))
    )
}

fn told(name: &str, samples: &Samples) -> String {
    format!("{name} {:.0}", micros(samples.median()))
}

fn bar(row: u32, name: &str, kind: &str, samples: &Samples, scale: f64) -> String {
    let (top, width) = (52 + 40 * row, micros(samples.median()) * scale);
    format!(
        "  <text class=\"name\" x=\"{}\" y=\"{baseline}\">{name}</text>\n\
         \x20 <rect class=\"{kind}\" x=\"{LEFT}\" y=\"{top}\" width=\"{width:.1}\" height=\"24\" rx=\"3\"/>\n\
         \x20 <text class=\"say\" x=\"{:.1}\" y=\"{baseline}\">{:.0}</text>\n",
        LEFT - 12.0,
        LEFT + width + 8.0,
        micros(samples.median()),
        baseline = top + 17,
    )
}

fn micros(time: std::time::Duration) -> f64 {
    1e6 * time.as_secs_f64()
}

const LEFT: f64 = 216.0;
const PLOT_WIDTH: f64 = 480.0;
const HEAD: &str = "\
<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 820 304\" role=\"img\" aria-labelledby=\"t d\">
  <title id=\"t\">How long a call takes</title>
";
const STYLE: &str = "  <style>
    text { font: 14px \"Open Sans\", \"DejaVu Sans\", sans-serif; fill: #1c2733 }
    .sheet { fill: #ffffff; stroke: #d5dbe3 }
    .ours { fill: #dcebfb; stroke: #2f6fb3; stroke-width: 1.5 }
    .floor { fill: #eef1f4; stroke: #7b8794; stroke-width: 1.5 }
    .name { text-anchor: end }
    .say { font-size: 12px; fill: #41505f }
  </style>
  <rect class=\"sheet\" x=\".5\" y=\".5\" width=\"819\" height=\"303\" rx=\"8\"/>
  <text class=\"say\" x=\"216\" y=\"32\">microseconds, median</text>
";
