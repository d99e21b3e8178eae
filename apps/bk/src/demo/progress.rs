//! What is told while the week is played: a line per finished step with the time it took, and below
//! it what happened.

use std::time::{Duration, Instant};

use super::failure::{Broken, Failure};

/// Steps of the week.
const STEPS: usize = 8;
/// Where the elapsed time stands.
const TITLE_CHARS: usize = 44;

/// What a step leaves for the later ones, and what it tells.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub(super) value: T,
    pub(super) told: Vec<String>,
}

/// The steps so far.
#[derive(Debug)]
pub(super) struct Steps {
    number: usize,
    title: &'static str,
}

impl Steps {
    /// Before the first.
    pub(super) const fn start() -> Self {
        Self { number: 0, title: "start" }
    }

    /// Plays the next step and tells how it went.
    pub(super) async fn play<T>(
        &mut self,
        title: &'static str,
        step: impl Future<Output = Result<Done<T>, Failure>>,
    ) -> Result<T, Broken> {
        self.number += 1;
        self.title = title;
        let since = Instant::now();
        let done = step.await.map_err(|failure| self.broken(failure))?;
        println!("{}", line(self.number, title, since.elapsed()));
        for fact in done.told {
            println!("      {fact}");
        }
        Ok(done.value)
    }

    /// The step at hand, failed.
    pub(super) const fn broken(&self, failure: Failure) -> Broken {
        Broken { number: self.number, of: STEPS, title: self.title, failure }
    }
}

fn line(number: usize, title: &str, elapsed: Duration) -> String {
    format!("✓ {number}/{STEPS} {title:<TITLE_CHARS$} {:>5.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_step_is_one_line_with_its_time() {
        assert_eq!(
            line(5, "a pack is bought", Duration::from_millis(1_240)),
            "✓ 5/8 a pack is bought                               1.2 s"
        );
    }
}
