//! What is printed while the demo runs: one line for each finished step with its duration, and below it what
//! happened.

use std::time::{Duration, Instant};

use super::failure::{Failure, StepFailed};

/// Number of steps.
const STEPS: usize = 8;
/// Width of the titles, after which the durations are aligned.
const TITLE_WIDTH: usize = 44;

/// The result of a step: a value for later steps, and messages to print.
#[derive(Debug)]
pub(super) struct StepResult<T> {
    pub(super) value: T,
    pub(super) messages: Vec<String>,
}

/// The number and the title of the current step.
#[derive(Debug)]
pub(super) struct Progress {
    number: usize,
    title: &'static str,
}

impl Progress {
    pub(super) const fn new() -> Self {
        Self { number: 0, title: "start" }
    }

    /// Runs the next step, prints its messages and returns its value.
    pub(super) async fn run<T>(
        &mut self,
        title: &'static str,
        step: impl Future<Output = Result<StepResult<T>, Failure>>,
    ) -> Result<T, StepFailed> {
        self.number += 1;
        self.title = title;
        let started = Instant::now();
        let result = step.await.map_err(|failure| self.step_failed(failure))?;
        println!("{}", line(self.number, title, started.elapsed()));
        for message in result.messages {
            println!("      {message}");
        }
        Ok(result.value)
    }

    /// Returns the error for a failure in the current step.
    pub(super) const fn step_failed(&self, failure: Failure) -> StepFailed {
        StepFailed { number: self.number, of: STEPS, title: self.title, failure }
    }
}

fn line(number: usize, title: &str, elapsed: Duration) -> String {
    format!("✓ {number}/{STEPS} {title:<TITLE_WIDTH$} {:>5.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_step_is_one_line_with_its_duration() {
        assert_eq!(
            line(5, "a pack is bought", Duration::from_millis(1_240)),
            "✓ 5/8 a pack is bought                               1.2 s"
        );
    }
}
