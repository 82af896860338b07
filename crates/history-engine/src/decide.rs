//! One input, one turn: a file per verb below.

use crate::chain::Chain;
use crate::decision::Decision;
use crate::env::Env;
use crate::input::Input;
use crate::rejection::Rejection;

/// Decides what an input does to a chain. Same arguments, same decision.
///
/// # Errors
/// A [`Rejection`] leaves no trace. [`Rejection::RunNotLoaded`] asks the caller to load that run and decide again.
pub fn decide(chain: &Chain, input: &Input, env: &Env) -> Result<Decision, Rejection> {
    let _ = (chain, input, env);
    Err(Rejection::Unavailable("not decided".to_owned()))
}
