//! Routed clients: who owns a chain or a queue is asked of the ring; where it is this process, the call is direct.

mod history;
mod matching;

pub use history::HistoryClient;
pub use matching::MatchingClient;
