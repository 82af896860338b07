//! Tests run, always, and wait for conditions instead of for time.

use crate::source::{self, Function};
use crate::tree::{SourceFile, Tree};

/// A function that looks again and again until something is so may pause between two looks; its name says so.
const WAITS: &[&str] = &["wait", "until", "eventually", "poll", "retry", "await"];

fn offences(files: &[SourceFile]) -> Vec<String> {
    let mut offences = Vec::new();
    for file in files {
        if file.is_rust() {
            rust_offences(file, &mut offences);
        } else if file.path.ends_with("_test.go") {
            for word in ["t.Skip(", "t.SkipNow(", "time.Sleep("] {
                for line in source::lines_with(file.text(), word) {
                    offences.push(format!("{}:{line} {word}: tests run always and wait for a condition", file.path));
                }
            }
        }
    }
    offences
}

fn rust_offences(file: &SourceFile, offences: &mut Vec<String>) {
    let path = &file.path;
    let code = source::code(file.text());
    for mark in ["#[ignore", "#[should_panic"] {
        for line in source::lines_with(&code, mark) {
            offences.push(format!("{path}:{line} {mark}]: a test runs always and asserts what it expects"));
        }
    }
    let functions = source::functions(&code);
    for function in &functions {
        let is_test = function.attributes.contains("#[test]") || function.attributes.contains("::test");
        if is_test && function.name.starts_with("test_") {
            offences.push(format!("{path}:{} {}: name the test as a sentence", function.line, function.name));
        }
    }
    let product = file.product_code();
    for line in source::lines_with(&code, "sleep(") {
        let in_product = product.lines().nth(line - 1).is_some_and(|line| line.contains("sleep("));
        if !in_product && !may_pause(&functions, line, &code) {
            offences.push(format!("{path}:{line} sleeps in a test: wait for a condition (in a function named for it)"));
        }
    }
}

/// Paused clocks do not take time, and a loop that looks for a condition until a deadline must breathe.
fn may_pause(functions: &[Function], line: usize, code: &str) -> bool {
    let lines: Vec<&str> = code.lines().collect();
    let around = |function: &&Function| function.line <= line && line < function.line + function.lines;
    let fine = |function: &Function| {
        let before_pause = lines.get(function.line - 1..line).unwrap_or_default().join("\n");
        let looks_again = before_pause.contains("loop {") || before_pause.contains("while ");
        let gives_up = before_pause.contains("deadline") || before_pause.contains("timeout");
        function.attributes.contains("start_paused")
            || WAITS.iter().any(|word| function.name.contains(word))
            || (looks_again && gives_up)
    };
    code.contains("time::pause()") || functions.iter().filter(around).any(fine)
}

#[test]
fn tests_run_always_and_do_not_sleep() {
    crate::assert_none(&offences(&Tree::read().unwrap().files));
}

#[test]
fn a_lazy_test_is_caught() {
    let sleep = "thread::sleep";
    for (path, code) in [
        ("crates/a/src/tests.rs", "#[test]\n#[ignore]\nfn a() {}".to_owned()),
        ("crates/a/src/tests.rs", "#[test]\n#[should_panic]\nfn a() {}".to_owned()),
        ("crates/a/src/tests.rs", "#[test]\nfn test_a() {}".to_owned()),
        ("crates/a/src/lib.rs", format!("#[cfg(test)]\nmod tests {{\n#[test]\nfn a() {{\n{sleep}(x);\n}}\n}}")),
        ("tests/acceptance/src/kill.rs", format!("fn a() {{\n std::{sleep}(x);\n}}")),
        ("examples/go/order/order_test.go", "time.Sleep(time.Second)".to_owned()),
    ] {
        assert_eq!(offences(&[SourceFile::new(path, &code)]).len(), 1, "{code}");
    }
    for (path, code) in [
        ("crates/a/src/lib.rs", "async fn a() { tokio::time::sleep(x).await; }"),
        ("tests/acceptance/src/ready.rs", "fn wait_for_port() {\n loop { std::thread::sleep(x); } }"),
        (
            "tests/acceptance/src/stop.rs",
            "fn stop() {\n let deadline = x;\n loop {\n check(deadline)?;\n thread::sleep(x);\n } }",
        ),
        ("crates/a/src/tests.rs", "#[tokio::test(start_paused = true)]\nasync fn a() { sleep(x).await; }"),
    ] {
        assert_eq!(offences(&[SourceFile::new(path, code)]), Vec::<String>::new(), "{code}");
    }
}
