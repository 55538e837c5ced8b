//! Waits that take no time.

use std::time::Duration;

use tent_flow::{Effect, Flow, Input, Moment, Step};

/// A flow whose waits take no time: the driver does not wait, and the flow's clock jumps. Else its clock
/// stands still, so that a test over real sockets counts the same on each machine.
///
/// ```
/// use std::time::Duration;
/// use tent_flow::script::{Clock, run};
/// use tent_flow::{Flow, Input, Moment, Step};
/// use tent_testkit::SkipWaits;
///
/// /// Waits an hour, and says how late it is.
/// struct Nap(bool);
///
/// impl Flow for Nap {
///     type Output = u64;
///
///     fn step(&mut self, now: Moment, _input: Input) -> Step<u64> {
///         if std::mem::replace(&mut self.0, true) {
///             return Step::Done(now.epoch_seconds());
///         }
///         Step::wait(Duration::from_secs(3600))
///     }
/// }
///
/// let nap = SkipWaits::from(Moment::at_epoch_seconds(1_356_998_400), Nap(false));
/// let mut driver = Clock::at_epoch_seconds(0); // or a client
/// assert_eq!(run(nap, &mut driver, |_| unreachable!()), 1_357_002_000);
/// assert!(driver.waits().is_empty());
/// ```
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct SkipWaits<F> {
    flow: F,
    now: Moment,
}

impl<F: Flow> SkipWaits<F> {
    /// The flow, on a clock that shows this at first.
    pub const fn from(now: Moment, flow: F) -> Self {
        Self { flow, now }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }
}

impl<F: Flow> Flow for SkipWaits<F> {
    type Output = F::Output;

    fn step(&mut self, _now: Moment, mut input: Input) -> Step<F::Output> {
        loop {
            match self.flow.step(self.now, input) {
                Step::Do(Effect::Wait(time)) => self.pass(time),
                step => return step,
            }
            input = Input::Ready;
        }
    }
}
