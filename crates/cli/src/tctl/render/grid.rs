//! tctl's tables: headings in capitals and centred, numbers to the right, cells wrapped at thirty columns so that their
//! lines are about equally long, and a frame where the table has one.

use crate::render::style::{Ink, Style};
use crate::render::table::Cell;

/// Where cells are wrapped, unless a word is longer.
const WRAP: usize = 30;

/// What stands between and around the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Spaces only.
    Open,
    /// This between label and value.
    Between(&'static str),
    /// A frame, and a line below the heading.
    Framed,
}

/// The table as text; `heads` may be empty.
pub(crate) fn grid(heads: &[&str], rows: &[Vec<Cell>], lines: Lines, style: &Style) -> String {
    let heads: Vec<Cell> = heads.iter().map(|head| Cell(title(head), Ink::Begun)).collect();
    let heading = wrapped(&heads);
    let body: Vec<Vec<Wrapped>> = rows.iter().map(|row| wrapped(row)).collect();
    let columns = body.iter().map(Vec::len).chain([heading.len()]).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in body.iter().chain([&heading]) {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = cell.lines.iter().map(|line| width(line)).chain([*widest]).max().unwrap_or(0);
        }
    }
    let rule = if lines == Lines::Framed { rule(&widths) } else { String::new() };
    let mut text = rule.clone();
    if !heading.is_empty() {
        text += &print(&heading, &widths, lines, centred, style);
        text += &rule;
    }
    for row in &body {
        text += &print(row, &widths, lines, sided, style);
    }
    text + if body.is_empty() && !heading.is_empty() { "" } else { &rule }
}

/// A cell cut into lines.
struct Wrapped {
    lines: Vec<String>,
    ink: Ink,
}

fn wrapped(cells: &[Cell]) -> Vec<Wrapped> {
    cells.iter().map(|Cell(text, ink)| Wrapped { lines: wrap(text), ink: *ink }).collect()
}

fn title(head: &str) -> String {
    head.replace('_', " ").trim().to_uppercase()
}

fn rule(widths: &[usize]) -> String {
    let columns: String = widths.iter().map(|width| format!("{}+", "-".repeat(width + 2))).collect();
    format!("+{columns}\n")
}

fn print(row: &[Wrapped], widths: &[usize], lines: Lines, place: fn(&str, usize) -> (usize, usize), style: &Style) -> String {
    let (edge, between) = match lines {
        Lines::Open => (" ", ""),
        Lines::Between(separator) => (" ", separator),
        Lines::Framed => ("|", "|"),
    };
    let height = row.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
    let mut text = String::new();
    for line in 0..height {
        text.push_str(edge);
        for (column, width) in widths.iter().enumerate() {
            let (content, ink) = row
                .get(column)
                .map_or(("", Ink::Plain), |cell| (cell.lines.get(line).map(String::as_str).unwrap_or_default(), cell.ink));
            let (left, right) = place(content, *width);
            let separator = if column + 1 == widths.len() { edge } else { between };
            text += &format!(" {}{}{} {separator}", " ".repeat(left), style.paint(ink, content), " ".repeat(right));
        }
        text.push('\n');
    }
    text
}

fn centred(text: &str, width_of_column: usize) -> (usize, usize) {
    let gap = width_of_column.saturating_sub(width(text));
    (gap / 2, gap - gap / 2)
}

fn sided(text: &str, width_of_column: usize) -> (usize, usize) {
    let gap = width_of_column.saturating_sub(width(text));
    if is_number(text.trim()) { (gap, 0) } else { (0, gap) }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches('-').trim_end_matches('%');
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',')
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Words on lines no longer than the limit, or than the longest word, broken where the squares of what is left free on all
/// lines but the last are least.
fn wrap(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let whole = words.join(" ");
    if width(&whole) <= WRAP {
        return vec![whole];
    }
    let sizes: Vec<usize> = words.iter().map(|word| width(word)).collect();
    let limit = sizes.iter().copied().chain([WRAP]).max().unwrap_or(WRAP);
    // From the last word back: the least cost of all words from here on, and where the line that begins here ends.
    let mut best = vec![(0_usize, words.len()); words.len() + 1];
    for first in (0..words.len()).rev() {
        let mut length = 0;
        let mut least = None;
        for next in first..words.len() {
            length += sizes.get(next).copied().unwrap_or(0) + usize::from(next > first);
            if length > limit {
                break;
            }
            let rest = best.get(next + 1).map_or(0, |(cost, _)| *cost);
            let last = next + 1 == words.len();
            let cost = if last { 0 } else { (limit - length).pow(2) + rest };
            if least.is_none_or(|(known, _)| cost < known) || last {
                least = Some((cost, next + 1));
            }
        }
        if let (Some(slot), Some(least)) = (best.get_mut(first), least) {
            *slot = least;
        }
    }
    let mut lines = Vec::new();
    let mut first = 0;
    while first < words.len() {
        let end = best.get(first).map_or(words.len(), |(_, end)| *end).max(first + 1);
        lines.push(words.get(first..end).unwrap_or_default().join(" "));
        first = end;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::TimeFormat;
    use crate::render::style::tests::plain;

    fn text(heads: &[&str], rows: &[Vec<Cell>], lines: Lines) -> String {
        grid(heads, rows, lines, &plain(TimeFormat::Raw))
    }

    #[test]
    fn a_list_has_capitals_in_the_middle_of_their_columns() {
        let rows = [vec!["Order".into(), "order-1".into(), "1".into()]];
        assert_eq!(
            text(&["Workflow Type", "Id", "Count"], &rows, Lines::Between("|")),
            "  WORKFLOW TYPE |   ID    | COUNT  \n  Order         | order-1 |     1  \n"
        );
        assert_eq!(text(&["Name"], &[], Lines::Between("|")), "  NAME  \n");
    }

    #[test]
    fn a_frame_goes_around() {
        let rows = [vec!["Kind".into(), "Keyword".into()]];
        assert_eq!(
            text(&["Name", "Type"], &rows, Lines::Framed),
            "+------+---------+\n| NAME |  TYPE   |\n+------+---------+\n| Kind | Keyword |\n+------+---------+\n"
        );
    }

    #[test]
    fn long_cells_are_wrapped_evenly_and_long_words_are_not_cut() {
        let rows = [vec!["1".into(), "one two three four five six seven eight nine".into()]];
        assert_eq!(text(&[], &rows, Lines::Open), "  1  one two three four five six  \n     seven eight nine             \n");
        let long = "a".repeat(40);
        assert_eq!(wrap(&format!("b {long} c")), ["b".to_owned(), long, "c".to_owned()]);
        assert_eq!(wrap(""), [""]);
    }
}
