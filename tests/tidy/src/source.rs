//! Rust source read just well enough for the rules: what is code, what is a test, where a function begins and ends.

/// The text with comments, text and character literals blanked out; every line keeps its number and length.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped(&chars, at);
        if end == at {
            out.extend(chars.get(at));
            at += 1;
        } else {
            out.extend(chars.get(at..end).into_iter().flatten().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins here ends; `at` itself when none begins.
fn skipped(chars: &[char], at: usize) -> usize {
    let get = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(get(at - 1));
    match get(at) {
        '/' if get(at + 1) == '/' => find(chars, at, |rest| rest.starts_with(&['\n'])),
        '/' if get(at + 1) == '*' => block_comment(chars, at),
        '"' => quoted(chars, at + 1, '"'),
        'r' | 'b' if !in_word => {
            let mut open = at + 1;
            if get(at) == 'b' && get(open) == 'r' {
                open += 1;
            }
            let hashes = chars.get(open..).unwrap_or_default().iter().take_while(|c| **c == '#').count();
            match get(open + hashes) {
                '"' if get(at) == 'r' || open > at + 1 => raw(chars, open + hashes + 1, hashes),
                '"' if hashes == 0 => quoted(chars, open + 1, '"'),
                '\'' if hashes == 0 && get(at) == 'b' => quoted(chars, open + 1, '\''),
                _ => at,
            }
        }
        // A character, not a lifetime: closed after one, or escaped.
        '\'' if get(at + 1) == '\\' || get(at + 2) == '\'' => quoted(chars, at + 1, '\''),
        _ => at,
    }
}

fn find(chars: &[char], from: usize, is: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len()).find(|index| is(chars.get(*index..).unwrap_or_default())).unwrap_or(chars.len())
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < chars.len() {
        match chars.get(at..at + 2) {
            Some(['/', '*']) => depth += 1,
            Some(['*', '/']) if depth == 1 => return at + 2,
            Some(['*', '/']) => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    chars.len()
}

fn quoted(chars: &[char], from: usize, quote: char) -> usize {
    let mut at = from;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            c if *c == quote => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

fn raw(chars: &[char], from: usize, hashes: usize) -> usize {
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let at = find(chars, from, |rest| rest.starts_with(&close));
    (at + close.len()).min(chars.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Code (see [`code`]) with every item under `#[cfg(test)]` blanked out.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        let (before, item) = rest.split_at(start);
        out.push_str(before);
        let end = item_end(item);
        let (item, after) = item.split_at(end);
        out.extend(item.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the item that begins here ends: at its semicolon, or at the brace that closes its first one.
fn item_end(item: &str) -> usize {
    let mut depth = 0_usize;
    for (index, c) in item.char_indices() {
        match c {
            ';' if depth == 0 => return index + 1,
            '{' => depth += 1,
            '}' if depth <= 1 => return index + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    item.len()
}

/// The lines (from 1) on which a word stands as a whole word.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let begins = word.chars().next().is_some_and(is_word);
    let ends = word.chars().last().is_some_and(is_word);
    let stands = |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line.get(..at).and_then(|text| text.chars().last());
            let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
            !(begins && before.is_some_and(is_word) || ends && after.is_some_and(is_word))
        })
    };
    (1..).zip(code.lines()).filter(|(_, line)| stands(line)).map(|(number, _)| number).collect()
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// The lines from there to its closing brace.
    pub lines: usize,
    /// The attributes right above it, as code.
    pub attributes: String,
}

/// The functions in code (see [`code`]), nested ones too.
pub fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code.get(..at).unwrap_or_default();
        if before.chars().last().is_some_and(is_word) {
            continue;
        }
        let rest = code.get(at + 3..).unwrap_or_default();
        let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
        let body = rest.find(['{', ';']).filter(|body| rest.get(*body..=*body) == Some("{"));
        let Some(body) = body.filter(|_| !name.is_empty()) else { continue };
        let text = rest.get(..body + item_end(rest.get(body..).unwrap_or_default())).unwrap_or_default();
        found.push(Function {
            name,
            line: before.matches('\n').count() + 1,
            lines: text.matches('\n').count() + 1,
            attributes: attributes_above(before),
        });
    }
    found
}

/// The attribute lines that directly precede a position.
fn attributes_above(before: &str) -> String {
    let mut lines: Vec<&str> = before.lines().collect();
    if !before.ends_with('\n') {
        lines.pop();
    }
    let above = lines.iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with("#[") || line.is_empty());
    above.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = "let a = \"x // \\\" y\"; // tokio\nlet b = 'c'; /* a /* b */ tokio */ let c: &'static str = r#\"a \"b\" tokio\"#;\nb\"tokio\" b'x' '\\''; done";
        let code = code(text);
        assert_eq!(code.lines().count(), 3);
        assert!(!code.contains("tokio"), "{code}");
        assert!(code.contains("&'static str") && code.contains("done"), "{code}");
    }

    #[test]
    fn modules_of_tests_are_cut_out() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { {} }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n";
        let product = without_tests(code);
        assert_eq!(product.lines().count(), code.lines().count());
        let names: Vec<String> = functions(&product).into_iter().map(|function| function.name).collect();
        assert_eq!(names, ["a", "c", "d"]);
    }

    #[test]
    fn functions_are_found_with_their_length_and_attributes() {
        let code = "#[test]\n#[expect(x)]\nfn one() {\n\n}\ntrait T { fn two(); }\nimpl T { pub async fn three(a: fn(u8)) -> u8 { 1 } }\n";
        let found = functions(code);
        assert_eq!(
            found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect::<Vec<_>>(),
            [("one", 3, 3), ("three", 7, 1)]
        );
        assert!(found[0].attributes.contains("#[test]"));
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(lines_with("rand::x\nrandom\nbrand::x\n", "rand::"), [1]);
        assert_eq!(lines_with("async_trait\nasync fn\n", "async"), [2]);
    }
}
