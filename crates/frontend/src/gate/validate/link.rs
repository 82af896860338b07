//! Links: few and short.

use prost::Message;
use proto::temporal::api::common::v1::Link;
use rpc::Error;

use super::wrong;
use crate::options::Options;

/// Number and size of a request's links.
pub(crate) fn check(links: &[Link], options: &Options) -> Result<(), Error> {
    if links.len() > options.links {
        return Err(wrong(format!("cannot attach more than {} links per request, got {}", options.links, links.len())));
    }
    for link in links {
        let size = link.encoded_len();
        if size > options.link_bytes {
            return Err(wrong(format!("link exceeds allowed size of {}, got {size}", options.link_bytes)));
        }
    }
    Ok(())
}
