//! The tower layers of the public API, outermost first: [`trace`], [`count`], [`refit`], [`authenticate`], [`built`], [`DeadlineLayer`], [`unpack`].
//!
//! They see a call's path and headers, never what its body means, and answer by themselves only with an error.

mod authenticate;
mod built;
mod count;
mod refit;
mod trace;
mod unpack;

pub(crate) use authenticate::AuthenticateLayer;
pub(crate) use built::BuiltLayer;
pub(crate) use count::CountLayer;
pub(crate) use refit::RefitLayer;
pub(crate) use rpc::layers::DeadlineLayer;
pub(crate) use trace::TraceLayer;
pub(crate) use unpack::UnpackLayer;
