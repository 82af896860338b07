//! Tables and cards. Widths are counted without colour; the last column is not padded.

use super::style::{Ink, Style};

/// Between columns.
const GAP: &str = "  ";

/// A cell: its text and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Cell(pub(crate) String, pub(crate) Ink);

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(text, Ink::Plain)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self(text.to_owned(), Ink::Plain)
    }
}

impl From<(String, Ink)> for Cell {
    fn from((text, ink): (String, Ink)) -> Self {
        Self(text, ink)
    }
}

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(heads: [&str; N], rows: &[[Cell; N]], heading: bool, style: &Style) -> String {
    let heads = heads.map(|head| Cell(head.to_owned(), Ink::Heading));
    let mut widths = heads.each_ref().map(|head| width(&head.0));
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(&cell.0));
        }
    }
    let head = heading.then_some(&heads);
    head.into_iter().chain(rows).map(|row| line(row, &widths, style)).collect()
}

/// One row in columns of at least these widths, for rows that come one at a time.
pub(crate) fn line(cells: &[Cell], widths: &[usize], style: &Style) -> String {
    let last = cells.iter().rposition(|cell| !cell.0.is_empty()).unwrap_or(0);
    let mut text = String::new();
    for (index, (Cell(content, ink), widest)) in cells.iter().zip(widths).enumerate().take(last + 1) {
        text.push_str(&style.paint(*ink, content));
        if index < last {
            text.extend(std::iter::repeat_n(' ', widest.saturating_sub(width(content))));
            text.push_str(GAP);
        }
    }
    text + "\n"
}

/// Labelled values, one on a line; empty values are left out, later lines of a value are indented.
#[derive(Debug, Default)]
pub(crate) struct Card(Vec<(&'static str, Cell)>);

impl Card {
    /// Adds a line, unless the value is empty.
    pub(crate) fn with(mut self, label: &'static str, value: impl Into<Cell>) -> Self {
        let value = value.into();
        if !value.0.is_empty() {
            self.0.push((label, value));
        }
        self
    }

    /// Adds a number unless it is zero.
    pub(crate) fn with_number(self, label: &'static str, number: i64) -> Self {
        if number == 0 { self } else { self.with(label, number.to_string()) }
    }

    /// The card as text, indented by two.
    pub(crate) fn text(&self, style: &Style) -> String {
        let widest = self.0.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
        let mut text = String::new();
        for (label, Cell(value, ink)) in &self.0 {
            let padding = " ".repeat(widest - width(label));
            let mut lines = value.lines();
            let first = style.paint(*ink, lines.next().unwrap_or_default());
            text += &format!("{GAP}{}{padding}{GAP}{first}\n", style.paint(Ink::Faint, label));
            for more in lines {
                let more = format!("{GAP}{}{GAP}{}", " ".repeat(widest), style.paint(*ink, more));
                text += more.trim_end();
                text.push('\n');
            }
        }
        text
    }
}

/// How many columns of a terminal a text takes; good enough without tables of wide characters.
fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::TimeFormat;
    use crate::render::style::tests::plain;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [[Cell::from("1"), "long one".into(), "x".into()], ["22".into(), "b".into(), "".into()]];
        let text = table(["ID", "Name", "Note"], &rows, true, &plain(TimeFormat::Iso));
        assert_eq!(text, "ID  Name      Note\n1   long one  x\n22  b\n");
        assert!(!table(["ID", "Name", "Note"], &rows, false, &plain(TimeFormat::Iso)).contains("Name"));
    }

    #[test]
    fn colour_does_not_shift_columns() {
        let style = Style { color: true, ..plain(TimeFormat::Iso) };
        let rows = [[Cell("ab".to_owned(), Ink::Bad), "x".into()]];
        assert_eq!(table(["Long", "Y"], &rows, false, &style), "\u{1b}[31mab\u{1b}[0m    x\n");
    }

    #[test]
    fn a_card_leaves_out_what_is_empty_and_indents_what_is_long() {
        let card = Card::default().with("Id", "w").with("Memo", "").with("Failure", "one\ntwo").with_number("Zero", 0);
        assert_eq!(card.text(&plain(TimeFormat::Iso)), "  Id       w\n  Failure  one\n           two\n");
    }
}
