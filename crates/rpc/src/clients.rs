//! Routed clients: who owns a chain or a queue is asked of the ring. Where this process is alone, a call is direct; otherwise it
//! goes to the owner, here or elsewhere, and follows it where it moved.

mod history;
mod matching;
mod peers;
mod route;

pub use history::HistoryClient;
pub use matching::MatchingClient;
