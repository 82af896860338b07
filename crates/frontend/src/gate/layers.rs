//! The tower layers of the public API, outermost first: [`trace`], [`count`], [`refit`], [`authenticate`], [`built`], [`DeadlineLayer`], [`unpack`].
//!
//! They see a call's path and headers, never what its body means, and answer by themselves only with an error.

mod authenticate;
mod built;
mod count;
mod refit;
mod trace;
mod unpack;

pub(crate) use authenticate::{Authenticate, AuthenticateLayer};
pub(crate) use built::{Built, BuiltLayer};
pub(crate) use count::{Count, CountLayer};
pub(crate) use refit::{Refit, RefitLayer};
pub(crate) use rpc::layers::{Deadline, DeadlineLayer};
pub(crate) use trace::{Trace, TraceLayer};
pub(crate) use unpack::{Unpack, UnpackLayer};
