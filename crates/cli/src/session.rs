//! What every verb gets: the connection to ask and the screen to answer on.

use crate::connection::Connection;
use crate::screen::Screen;

/// One command being carried out.
pub(crate) struct Session<'a> {
    /// Whom to ask.
    pub(crate) connection: Connection,
    /// Where to print.
    pub(crate) screen: &'a mut Screen,
}

impl Session<'_> {
    /// The namespace to work in.
    pub(crate) fn namespace(&self) -> String {
        self.connection.namespace.clone()
    }

    /// Who asks.
    pub(crate) fn identity(&self) -> String {
        self.connection.identity.clone()
    }

    /// The given reason, or one that at least says who it was.
    pub(crate) fn reason(&self, given: Option<String>) -> String {
        given.unwrap_or_else(|| format!("requested by {}", self.connection.identity))
    }
}
