//! The last latencies as a line. Failures are gaps.

use leptos::prelude::*;

const WIDTH: f64 = 84.0;
const HEIGHT: f64 = 24.0;

/// Line and area of some latencies in microseconds; 0 is a gap.
fn paths(values: &[u32]) -> (String, String) {
    let known = || values.iter().copied().filter(|v| *v > 0);
    let (Some(low), Some(high)) = (known().min(), known().max()) else { return Default::default() };
    // Noise of less than a tenth of the value looks flat, not dramatic.
    let spread = f64::from(high - low).max(f64::from(high) * 0.1).max(1.0);
    let steps = u32::try_from(values.len().saturating_sub(1)).unwrap_or(1).max(1);
    let (mut line, mut area) = (String::new(), String::new());
    let mut run: Option<(f64, f64)> = None;
    let close = |area: &mut String, run: Option<(f64, f64)>| {
        if let Some((first, last)) = run {
            area.push_str(&format!("L{last:.1} {HEIGHT}L{first:.1} {HEIGHT}z"));
        }
    };
    for (i, value) in values.iter().copied().enumerate() {
        if value == 0 {
            close(&mut area, run.take());
            continue;
        }
        let x = WIDTH * f64::from(u32::try_from(i).unwrap_or(0)) / f64::from(steps);
        let y = HEIGHT - 3.0 - (HEIGHT - 6.0) * f64::from(value - low) / spread;
        let step = if run.is_some() { 'L' } else { 'M' };
        let point = format!("{step}{x:.1} {y:.1}");
        line.push_str(&point);
        area.push_str(&point);
        run = Some((run.map_or(x, |(first, _)| first), x));
    }
    close(&mut area, run);
    (line, area)
}

/// A line without axes, for a glance.
#[component]
pub fn Sparkline(#[prop(into)] values: Signal<Vec<u32>>) -> impl IntoView {
    let drawn = Memo::new(move |_| values.with(|v| paths(v)));
    view! {
        <svg class="sparkline" viewBox="0 0 84 24" aria-hidden="true">
            <path class="spark-area" d=move || drawn.with(|d| d.1.clone())></path>
            <path class="spark-line" d=move || drawn.with(|d| d.0.clone())></path>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn gaps_stay_gaps() {
        let (line, area) = paths(&[100, 110, 0, 120, 130]);
        assert_eq!((line.matches('M').count(), area.matches('z').count()), (2, 2));
        assert_eq!(paths(&[0, 0]), (String::new(), String::new()));
    }
}
