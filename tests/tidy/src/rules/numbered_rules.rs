//! `crates/history-engine/RULES.md`: a line per sentence of the specification that a test can break, and the test exists.

use std::collections::BTreeSet;

use crate::source;
use crate::tree::{SourceFile, Tree};

const PATH: &str = "crates/history-engine/RULES.md";
const HEADER: [&str; 3] = ["section, bullet", "rule", "test"];

fn offences(tree: &Tree) -> Vec<String> {
    let Some(file) = tree.file(PATH) else { return Vec::new() };
    let tests = tests(&tree.files);
    let mut offences = Vec::new();
    let mut rows = 0;
    for (number, line) in (1..).zip(file.text().lines()) {
        let Some(cells) = cells(line) else { continue };
        let [place, rule, test] = &cells[..] else {
            offences.push(format!("{PATH}:{number} has {} columns, three are needed: {}", cells.len(), HEADER.join(", ")));
            continue;
        };
        if is_frame([place, rule, test]) {
            continue;
        }
        rows += 1;
        if place.is_empty() || rule.is_empty() {
            offences.push(format!("{PATH}:{number} does not say which rule it is"));
        }
        let named = names(test);
        if named.is_empty() {
            offences.push(format!("{PATH}:{number} names no test"));
        }
        for name in named.into_iter().filter(|name| !tests.contains(name)) {
            offences.push(format!("{PATH}:{number} names {name}, which is no test"));
        }
    }
    if rows == 0 {
        offences.push(format!("{PATH} holds no rule: write | {} |", HEADER.join(" | ")));
    }
    offences
}

/// The cells of a table's line; a bar after a backslash belongs to its cell.
fn cells(line: &str) -> Option<Vec<String>> {
    let line = line.trim().strip_prefix('|')?;
    let line = line.strip_suffix('|').unwrap_or(line).replace("\\|", "\u{1}");
    Some(line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect())
}

/// The header or the line under it.
fn is_frame(cells: [&String; 3]) -> bool {
    cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':'))
        || cells.iter().zip(HEADER).all(|(cell, title)| cell.eq_ignore_ascii_case(title))
}

/// One or more tests, with or without backticks and their modules' path.
fn names(cell: &str) -> Vec<String> {
    cell.split([',', ';', ' '])
        .flat_map(|part| part.split("<br>"))
        .map(|part| part.trim_matches(['`', ' ']))
        .filter_map(|part| part.rsplit("::").next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Every function under a test attribute or in a property test.
fn tests(files: &[SourceFile]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let code = source::code(file.text());
        let found = source::functions(&code).into_iter();
        names.extend(found.filter(|found| found.attributes.contains("test")).map(|found| found.name));
    }
    names
}

#[test]
fn every_rule_names_a_test_that_exists() {
    crate::assert_none(&offences(&Tree::read().unwrap()));
}

#[test]
fn a_rule_without_a_test_is_caught() {
    let code = SourceFile::new(
        "crates/history-engine/src/a.rs",
        "#[cfg(test)]\nmod tests {\n#[test]\nfn a_holds() {}\nfn no_test() {}\n}",
    );
    let check = |rules: &str| {
        let text = format!("# Rules\n\n| section, bullet | rule | test |\n|---|---|---|\n{rules}");
        offences(&Tree { files: vec![code.clone(), SourceFile::new(PATH, &text)], packages: Vec::new() })
    };
    assert_eq!(check("| 1.1, 2 | a \\| b | `tests::a_holds` |\n"), Vec::<String>::new());
    for rules in [
        "",
        "| 1.1, 2 | b | `missing` |\n",
        "| 1.1, 2 | b | |\n",
        "| 1.1 | b |\n| 1.1, 1 | x | a_holds |\n",
        "| | b | a_holds |\n",
        "| 1 | b | no_test |\n",
    ] {
        assert_eq!(check(rules).len(), 1, "{rules}");
    }
}
