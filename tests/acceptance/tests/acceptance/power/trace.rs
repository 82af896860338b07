//! What a server did to its files, as strace saw it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// Bytes of one write that strace prints; a longer one fails the test.
const LONGEST_WRITE: usize = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// One finished call on one file.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// The name of the file, without its folder; empty for the folder itself.
    pub(super) file: String,
    /// When the call began, in microseconds since 1970.
    pub(super) begin: i64,
    /// When it had ended.
    pub(super) end: i64,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Write { at: usize, data: Vec<u8> },
    Truncate { length: usize },
    Unlink,
    Sync,
}

/// The words before the server's own. The server stays our own child (`-D`).
pub(super) fn strace(out: &Path, database: &Path) -> Vec<String> {
    let mut words: Vec<String> = ["strace", "-D", "-f", "--seccomp-bpf", "-ttt", "-T", "-y", "-xx"].map(str::to_owned).into();
    words.extend(["-s".to_owned(), LONGEST_WRITE.to_string()]);
    words.extend(["-e".to_owned(), "trace=write,pwrite64,pwritev,fsync,fdatasync,ftruncate,fallocate,unlink,rename".to_owned()]);
    let name = database.to_string_lossy();
    let folder = database.parent().map(Path::to_string_lossy).unwrap_or_default();
    for path in [name.to_string(), format!("{name}-wal"), format!("{name}-journal"), folder.to_string()] {
        words.extend(["-P".to_owned(), path]);
    }
    words.extend(["-o".to_owned(), out.to_string_lossy().into_owned()]);
    words
}

/// Waits until strace has written the end of the process.
pub(super) async fn wait_until_written(trace: &Path, pid: u32) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let end = tail(trace)?;
        let gone = |line: &str| line.starts_with(&format!("{pid} ")) && line.ends_with("+++");
        if end.lines().any(gone) {
            return Ok(());
        }
        ensure!(tokio::time::Instant::now() < deadline, "strace does not end: {end}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn tail(path: &Path) -> anyhow::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(String::from_utf8_lossy(&end).into_owned())
}

/// Reads a trace: calls on the database's files that succeeded, in the order of their beginnings.
pub(super) fn read(trace: &Path, database: &Path) -> anyhow::Result<Vec<Operation>> {
    let text = std::fs::read_to_string(trace)?;
    let folder = database.parent().context("a database in no folder")?.to_string_lossy().into_owned();
    let mut unfinished: HashMap<&str, (i64, &str)> = HashMap::new();
    let mut operations = Vec::new();
    for line in text.lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Some((stamp, call)) = rest.trim_start().split_once(' ') else { continue };
        let stamp = microseconds(stamp).with_context(|| format!("no time in {:.80}", line))?;
        if call.starts_with("+++") || call.starts_with("---") {
            continue;
        }
        if let Some(begun) = call.strip_suffix(" <unfinished ...>") {
            unfinished.insert(pid, (stamp, begun));
            continue;
        }
        if let Some((_, rest)) = call.strip_prefix("<... ").and_then(|resumed| resumed.split_once(" resumed>")) {
            if let Some((begin, begun)) = unfinished.remove(pid) {
                operations.extend(parse(&format!("{begun}{rest}"), begin, Some(stamp), &folder)?);
            }
            continue;
        }
        operations.extend(parse(call, stamp, None, &folder)?);
    }
    operations.sort_by_key(|operation| operation.begin);
    Ok(operations)
}

/// `name(arguments) = result <seconds>`.
fn parse(call: &str, begin: i64, end: Option<i64>, folder: &str) -> anyhow::Result<Option<Operation>> {
    let shown = || format!("{call:.120}");
    let (name, rest) = call.split_once('(').with_context(shown)?;
    let (arguments, result) = rest.rsplit_once(") = ").with_context(shown)?;
    let mut words = result.split_whitespace();
    let value: Option<i64> = match words.next() {
        // Killed within the call: it never ended, and a part of it may have been done.
        Some("?") => None,
        word => Some(word.and_then(|word| word.parse().ok()).with_context(shown)?),
    };
    if value.is_some_and(|value| value < 0) || (value.is_none() && matches!(name, "fsync" | "fdatasync")) {
        return Ok(None);
    }
    let took = words.next_back().map(|word| word.trim_matches(['<', '>'])).and_then(microseconds).unwrap_or(0);
    let path = match name {
        "unlink" => decode(between(arguments, '"', '"').with_context(shown)?)?,
        "rename" => bail!("a rename, which the model of the disk does not know"),
        _ => decode(between(arguments, '<', '>').with_context(shown)?)?,
    };
    let path = String::from_utf8_lossy(&path).into_owned();
    let path = path.strip_suffix(" (deleted)").unwrap_or(&path);
    let Some(file) = path.strip_prefix(folder).map(|file| file.trim_start_matches('/')) else { return Ok(None) };
    let number = || arguments.rsplit_once(", ").and_then(|(_, last)| last.parse::<usize>().ok()).with_context(shown);
    let what = match name {
        "fsync" | "fdatasync" => What::Sync,
        "ftruncate" => What::Truncate { length: number()? },
        "unlink" => What::Unlink,
        "pwrite64" => {
            let mut data = decode(between(arguments, '"', '"').with_context(shown)?)?;
            let written = value.map_or(data.len(), |value| value as usize);
            ensure!(data.len() >= written, "strace cut a write of {written} bytes");
            data.truncate(written);
            What::Write { at: number()?, data }
        }
        _ => bail!("{name} on {path}: the model of the disk does not know it"),
    };
    let end = if value.is_none() { i64::MAX } else { end.unwrap_or(begin + took) };
    Ok(Some(Operation { file: file.to_owned(), begin, end, what }))
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.split_once(open)?;
    Some(rest.split_once(close)?.0)
}

/// `\x41\x42`.
fn decode(hex: &str) -> anyhow::Result<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let byte = |chunk: &[u8]| match chunk {
        [b'\\', b'x', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    hex.as_bytes().chunks(4).map(|chunk| byte(chunk).with_context(|| format!("odd text in a trace: {hex:.40}"))).collect()
}

/// `1700000000.123456`, or a duration in the same form.
fn microseconds(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.')?;
    Some(seconds.parse::<i64>().ok()? * 1_000_000 + format!("{fraction:0<6}").parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_in_two_parts_is_put_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace");
        let hex = |text: &str| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let wal = hex("/data/aevum.db-wal");
        let lines = [
            format!("7 10.000100 pwrite64(8<{wal}>, \"{}\", 3, 32) = 3 <0.000020>", hex("abc")),
            format!("7 10.000200 fsync(8<{wal}> <unfinished ...>"),
            format!("8 10.000250 pwrite64(4<{}>, \"{}\", 1, 0) = 1 <0.000020>", hex("/other/x"), hex("z")),
            "7 10.000900 <... fsync resumed>) = 0 <0.000700>".to_owned(),
            format!("7 10.000950 fdatasync(8<{wal}>) = ? <unavailable>"),
            "7 10.001000 +++ killed by SIGKILL +++".to_owned(),
        ];
        std::fs::write(&path, lines.join("\n")).unwrap();
        let found = read(&path, Path::new("/data/aevum.db")).unwrap();
        assert_eq!(found.len(), 2);
        assert!(matches!(&found[0].what, What::Write { at: 32, data } if data == b"abc"), "{found:?}");
        assert_eq!((found[0].begin, found[0].end, found[0].file.as_str()), (10_000_100, 10_000_120, "aevum.db-wal"));
        assert!(matches!(found[1].what, What::Sync));
        assert_eq!((found[1].begin, found[1].end), (10_000_200, 10_000_900));
    }
}
