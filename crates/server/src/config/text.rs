//! A configuration as text: variables are filled in, and what is wrong is told so that it can be found.

use anyhow::{anyhow, bail};

/// Replaces `${NAME}` and `${NAME:-otherwise}`; `$$` is a dollar. Comments are left alone.
///
/// # Errors
/// With the line, where a variable is not set and has no default, or where a brace is missing.
pub(super) fn fill(text: &str, environment: &impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let mut filled = String::with_capacity(text.len());
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        if line.trim_start().starts_with('#') {
            filled.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            filled.push_str(before);
            if let Some(after) = after.strip_prefix("$$") {
                filled.push('$');
                rest = after;
                continue;
            }
            let Some(named) = after.strip_prefix("${") else {
                filled.push('$');
                rest = after.strip_prefix('$').unwrap_or_default();
                continue;
            };
            let Some((inside, after)) = named.split_once('}') else { bail!("line {number}: a ${{ has no }}") };
            let (name, otherwise) = match inside.split_once(":-") {
                Some((name, otherwise)) => (name, Some(otherwise)),
                None => (inside, None),
            };
            let value = environment(name).filter(|value| !value.is_empty() || otherwise.is_none());
            let Some(value) = value.or_else(|| otherwise.map(str::to_owned)) else {
                bail!("line {number}: the variable {name} is not set; set it, or write ${{{name}:-a default}}");
            };
            if value.contains('\n') {
                bail!("line {number}: the variable {name} has more than one line");
            }
            filled.push_str(&value);
            rest = after;
        }
        filled.push_str(rest);
    }
    Ok(filled)
}

/// What the parser complains about, with the name that was meant where a key is not known.
pub(super) fn explained(error: &yaml_serde::Error) -> anyhow::Error {
    let said = error.to_string();
    let line = error.location().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
    match meant(&said) {
        Some(name) => anyhow!("{line}{said}; did you mean `{name}`?"),
        None => anyhow!("{line}{said}"),
    }
}

/// Of the names that a complaint about an unknown one lists, the one most like it.
fn meant(said: &str) -> Option<&str> {
    let (_, after) = said.split_once("unknown field `")?;
    let (unknown, expected) = after.split_once('`')?;
    let names = expected.split('`').skip(1).step_by(2);
    names.map(|name| (distance(unknown, name), name)).filter(|(far, name)| *far <= name.len() / 2).min().map(|(_, name)| name)
}

/// How many letters have to be added, removed or replaced to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (above, b) in row.iter().skip(1).zip(&other) {
            left = (diagonal + usize::from(a != *b)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_comments_left_alone() {
        let environment = |name: &str| (name == "SET").then(|| "value".to_owned());
        let text = "a: ${SET} ${NOT:-other} $$5 $x\n# ${NOT}\n";
        assert_eq!(fill(text, &environment).unwrap(), "a: value other $5 $x\n# ${NOT}\n");
        assert!(fill("a: ${SET", &environment).unwrap_err().to_string().contains("line 1"));
    }

    #[test]
    fn the_nearest_name_is_found_and_none_where_all_are_far() {
        let said =
            |unknown: &str| format!("services: unknown field `{unknown}`, expected one of `frontend`, `history`, `matching`");
        assert_eq!(meant(&said("histroy")), Some("history"));
        assert_eq!(meant(&said("frontends")), Some("frontend"));
        assert_eq!(meant(&said("zzz")), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
