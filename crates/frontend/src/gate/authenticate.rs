//! Who calls: a hook. The layer of this name asks it before anything else is looked at.

use http::HeaderMap;
use rpc::Error;

/// What is known of a caller before it is authenticated.
#[derive(Debug)]
pub struct Caller<'a> {
    /// The method it wants: `/package.Service/Method`.
    pub path: &'a str,
    /// The request's headers, the credentials among them.
    pub headers: &'a HeaderMap,
}

/// Who a caller turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// Its name; empty where nobody asks.
    pub name: String,
}

/// Decides who a caller is, from headers alone. Must not block.
pub trait Authenticator: Send + Sync + 'static {
    /// Who calls.
    ///
    /// # Errors
    /// [`Error::PermissionDenied`] where the caller may not.
    fn authenticate(&self, caller: &Caller<'_>) -> Result<Principal, Error>;
}

/// Everybody may do everything: what a server without configured authentication uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

impl Authenticator for AllowAll {
    fn authenticate(&self, _caller: &Caller<'_>) -> Result<Principal, Error> {
        Ok(Principal::default())
    }
}
