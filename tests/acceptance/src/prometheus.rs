//! A real Prometheus that scrapes a server.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running Prometheus; stopped when dropped.
#[derive(Debug)]
pub struct Prometheus {
    folder: tempfile::TempDir,
    address: String,
}

/// One series and its value, or its samples.
#[derive(Debug, Clone)]
pub struct Series<T> {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What it has.
    pub value: T,
}

fn script() -> Command {
    Command::new(crate::checkout().join("tests/services/prometheus"))
}

impl Prometheus {
    /// Starts one that scrapes `target`.
    ///
    /// # Errors
    /// Where the package cannot be had or does not start.
    pub fn start(target: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let started = script().arg("up").arg(folder.path()).arg(target).output()?;
        ensure!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        let url = String::from_utf8(started.stdout)?;
        let address = url.trim().strip_prefix("http://").context("no address")?.to_owned();
        Ok(Self { folder, address })
    }

    /// The samples of an instant query, now or at a time.
    ///
    /// # Errors
    /// Where it cannot be asked or the expression is wrong.
    pub async fn query(&self, expression: &str, at: Option<f64>) -> anyhow::Result<Vec<Series<f64>>> {
        let read = |series: &Value| series["value"][1].as_str().and_then(|value| value.parse().ok());
        self.ask(expression, at, read).await
    }

    /// The raw samples of a range selector such as `up[5m]`: time and value.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn samples(&self, selector: &str, at: Option<f64>) -> anyhow::Result<Vec<Series<Vec<(f64, f64)>>>> {
        let read = |series: &Value| {
            let pairs = series["values"].as_array()?.iter();
            pairs.map(|pair| Some((pair[0].as_f64()?, pair[1].as_str()?.parse().ok()?))).collect()
        };
        self.ask(selector, at, read).await
    }

    /// Waits until the expression's values add up to this.
    ///
    /// # Errors
    /// Where they do not within half a minute.
    pub async fn wait_for_sum(&self, expression: &str, wanted: f64) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let found = self.query(expression, None).await?;
            if !found.is_empty() && found.iter().map(|series| series.value).sum::<f64>() == wanted {
                return Ok(());
            }
            ensure!(tokio::time::Instant::now() < deadline, "{expression} is {found:?} and not {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A moment not before this call, whose samples are all there: a scrape is dated by its begin and stored at its end.
    ///
    /// # Errors
    /// Where nothing is scraped for half a minute.
    pub async fn wait_for_moment(&self) -> anyhow::Result<f64> {
        let first = |found: Vec<Series<f64>>| found.first().map(|series| series.value).context("nothing was scraped");
        let now = first(self.query("time()", None).await?)?;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while first(self.query("timestamp(up)", None).await?)? <= now {
            ensure!(tokio::time::Instant::now() < deadline, "nothing is scraped any more");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(now)
    }

    async fn ask<T>(
        &self,
        expression: &str,
        at: Option<f64>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> anyhow::Result<Vec<Series<T>>> {
        let mut path = format!("/api/v1/query?query={}", escape(expression));
        if let Some(at) = at {
            path.push_str(&format!("&time={at}"));
        }
        let body = http_get(&self.address, &path).await?;
        let answer: Value = serde_json::from_str(&body).with_context(|| body.clone())?;
        if answer["status"] != "success" {
            bail!("{expression}: {answer}");
        }
        if answer["data"]["resultType"] == "scalar" {
            let series = serde_json::json!({ "value": answer["data"]["result"] });
            return Ok(read(&series).map(|value| Series { labels: BTreeMap::new(), value }).into_iter().collect());
        }
        let result = answer["data"]["result"].as_array().context("no result")?;
        let series = |series: &Value| {
            let labels = series["metric"].as_object()?.iter();
            let labels = labels.map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect::<Option<_>>()?;
            Some(Series { labels, value: read(series)? })
        };
        result.iter().map(|found| series(found).with_context(|| format!("odd series {found}"))).collect()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = script().arg("down").arg(self.folder.path()).status();
    }
}

/// A page over HTTP/1.0, which ends with the connection.
///
/// # Errors
/// Where it is not 200.
pub async fn http_get(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no header")?;
    ensure!(head.lines().next().is_some_and(|line| line.contains(" 200 ")), "{head}\n{body}");
    Ok(body.to_owned())
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
