//! Every field of every built request, in exactly one list: built, refused with a sentence (it would change what the call
//! does), or ignored with a reason (what SDKs send by default). A test walks the descriptors and finds the one that is missing.

mod commands;
mod rows;
#[cfg(test)]
mod tests;
pub(crate) mod unbuilt;

/// What happens with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
    /// It does what the public API says.
    Built,
    /// Setting it is answered with an error that holds this sentence.
    Refused(&'static str),
    /// It changes nothing, for this reason.
    Ignored(&'static str),
}

/// The fields of one request.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The RPC.
    pub operation: &'static str,
    /// Fields that do what the public API says, separated by spaces.
    pub built: &'static str,
    /// Field and sentence.
    pub refused: &'static [(&'static str, &'static str)],
    /// Fields, separated by spaces, and the reason.
    pub ignored: &'static [(&'static str, &'static str)],
}

/// All built RPCs.
pub const ALL: &[Fields] = rows::ROWS;

/// The commands of workers, by message.
pub const COMMANDS: &[Fields] = commands::ROWS;

impl Fields {
    /// Every field does what the public API says.
    const fn all_built(operation: &'static str, built: &'static str) -> Self {
        Self { operation, built, refused: &[], ignored: &[] }
    }

    /// What happens with a field; several answers mean that the lists contradict each other.
    pub fn treatments(&self, field: &str) -> Vec<Treatment> {
        let named = |names: &str| names.split_whitespace().any(|name| name == field);
        let built = named(self.built).then_some(Treatment::Built);
        let refused = self.refused.iter().filter(|(name, _)| *name == field).map(|(_, sentence)| Treatment::Refused(sentence));
        let ignored = self.ignored.iter().filter(|(names, _)| named(names)).map(|(_, reason)| Treatment::Ignored(reason));
        built.into_iter().chain(refused).chain(ignored).collect()
    }
}

/// The sentence with which a field is refused.
pub(crate) fn refusal(operation: &str, field: &str) -> Option<&'static str> {
    let fields = ALL.iter().find(|fields| fields.operation == operation)?;
    fields.refused.iter().find(|(name, _)| *name == field).map(|(_, sentence)| *sentence)
}
