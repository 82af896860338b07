//! The shape of a file: it says what it is for, and is small enough to be read.

use crate::source;
use crate::tree::{SourceFile, Tree};

/// Lines at which a file has to be split.
const MAX_FILE_LINES: usize = 600;

/// Lines of a function, its signature and closing brace included.
const MAX_FUNCTION_LINES: usize = 70;

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let path = &file.path;
        let lines = file.text().lines().count();
        if lines > MAX_FILE_LINES {
            offences.push(format!("{path} has {lines} lines: split it by meaning (at most {MAX_FILE_LINES})"));
        }
        let first = file.text().lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if !first.starts_with("//! ") {
            offences.push(format!("{path} does not begin with //!: say what it is for, what it must not do, why this shape"));
        }
        if file.is_test() {
            continue;
        }
        for function in source::functions(&file.product_code()) {
            if function.lines > MAX_FUNCTION_LINES {
                offences.push(format!(
                    "{path}:{} fn {} has {} lines: split it (at most {MAX_FUNCTION_LINES})",
                    function.line, function.name, function.lines
                ));
            }
        }
    }
    offences
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_shapeless_file_is_caught() {
    let long = format!("//! Long.\n{}", "\n".repeat(MAX_FILE_LINES));
    let function = format!("//! A function.\nfn a() {{{}}}", "\n".repeat(MAX_FUNCTION_LINES));
    for text in [long.as_str(), function.as_str(), "fn a() {}", "//!", "// What it is for."] {
        assert_eq!(offences(&[SourceFile::new("crates/a/src/lib.rs", text)]).len(), 1, "{text:?}");
    }
    assert_eq!(offences(&[SourceFile::new("crates/a/src/lib.rs", "\n//! Fine.\nfn a() {}\n")]), Vec::<String>::new());
}
