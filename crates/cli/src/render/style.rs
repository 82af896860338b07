//! How text looks: colour or none, and which form times take.

use crate::args::TimeFormat;

/// What text means, and so its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Nothing special.
    Plain,
    /// A heading.
    Heading,
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// It ran out of time, or deserves a look.
    Warn,
    /// It was called off.
    Stopped,
    /// It began.
    Begun,
    /// Less important.
    Faint,
}

/// The look of all text of one command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether to use colour.
    pub(crate) color: bool,
    /// How to write times.
    pub(crate) time: TimeFormat,
    /// The time that "ago" counts from.
    pub(crate) now: jiff::Timestamp,
}

impl Style {
    /// The text in its ink.
    pub(crate) fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => return text.to_owned(),
            Ink::Heading => "1",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Warn => "33",
            Ink::Stopped => "35",
            Ink::Begun => "34",
            Ink::Faint => "2",
        };
        if self.color && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A heading on a line of its own.
    pub(crate) fn heading(&self, text: &str) -> String {
        format!("{}\n", self.paint(Ink::Heading, text))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Without colour, at the start of 2026.
    pub(crate) fn plain(time: TimeFormat) -> Style {
        Style { color: false, time, now: "2026-01-01T00:00:00Z".parse().unwrap() }
    }

    #[test]
    fn ink_shows_only_where_colour_is_wanted() {
        let mut style = plain(TimeFormat::Iso);
        assert_eq!(style.paint(Ink::Bad, "x"), "x");
        style.color = true;
        assert_eq!(style.paint(Ink::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(style.paint(Ink::Plain, "x"), "x");
        assert_eq!(style.paint(Ink::Bad, ""), "");
    }
}
