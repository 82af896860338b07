//! One input, one turn: a file per verb below.

pub(crate) mod wake;
pub(crate) mod workflow_task;

use crate::chain::Chain;
use crate::decision::Decision;
use crate::env::Env;
use crate::input::Input;
use crate::rejection::Rejection;
use crate::turn::Turn;

/// Decides what an input does to a chain. Same arguments, same decision.
///
/// # Errors
/// A [`Rejection`] leaves no trace. [`Rejection::RunNotLoaded`] asks the caller to load that run and decide again.
pub fn decide(chain: &Chain, input: &Input, env: &Env) -> Result<Decision, Rejection> {
    let turn = Turn::new(chain, env);
    match input {
        Input::Wake => wake::decide(turn),
        _ => Err(Rejection::Unavailable("not decided".to_owned())),
    }
}
