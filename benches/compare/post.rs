//! Two more ways of getting records to the service, to compare with: the least that any way has to
//! do, and what a programmer in a hurry would write.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Requests in flight, as many as a push has.
const IN_FLIGHT: usize = 4;

/// Records in a request, as many as a push has.
const CHUNK: usize = 5_000;

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

fn client() -> Result<Client> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()?;
    Ok(client)
}

async fn send(client: &Client, url: &str, body: Vec<u8>) -> Result<()> {
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    request.send().await?.error_for_status()?.bytes().await?;
    Ok(())
}

/// Posts the files of a folder: the floor that no push of these bodies goes below.
pub fn bodies(folder: &Path, url: &str) -> Result<()> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut files = entries.collect::<Result<Vec<PathBuf>>>()?;
    files.sort();
    block_on(async {
        let client = client()?;
        stream::iter(files.into_iter().map(Ok))
            .try_for_each_concurrent(IN_FLIGHT, |file| {
                let client = &client;
                async move { send(client, url, std::fs::read(file)?).await }
            })
            .await
    })
}

/// Pushes a CSV file with a map for each row, and one request after another.
pub fn naively(file: &Path, url: &str) -> Result<()> {
    let mut reader = csv::Reader::from_path(file)?;
    block_on(async {
        let client = client()?;
        let rows = reader.deserialize::<HashMap<String, String>>();
        let mut chunks = stream::iter(rows).chunks(CHUNK);
        while let Some(rows) = chunks.next().await {
            let items: Vec<Value> = rows
                .into_iter()
                .map(|row| record(&row?))
                .collect::<Result<_>>()?;
            let body = serde_json::to_vec(&json!({ "items": items }))?;
            send(&client, url, body).await?;
        }
        Ok(())
    })
}

fn record(row: &HashMap<String, String>) -> Result<Value> {
    let cell = |column: &str| {
        row.get(column)
            .with_context(|| format!("no column {column}"))
    };
    let number = |column: &str| -> Result<f64> { Ok(cell(column)?.replace(',', "").parse()?) };
    let note = cell("Note")?;
    Ok(json!({
        "id": cell("Deal ID")?,
        "name": cell("Deal Name")?,
        "owner_email": cell("Owner Email")?,
        "amount": number("Amount")?,
        "currency": cell("Currency")?,
        "stage": cell("Stage")?,
        "close_date": date(cell("Close Date")?)?,
        "probability": number("Probability")?,
        "is_won": truth(cell("Is Won")?)?,
        "note": if note.is_empty() { None } else { Some(note) },
    }))
}

fn date(text: &str) -> Result<String> {
    let layout = if text.contains('/') {
        "%d/%m/%Y"
    } else {
        "%Y-%m-%d"
    };
    Ok(jiff::civil::Date::strptime(layout, text)?.to_string())
}

fn truth(word: &str) -> Result<bool> {
    match word.to_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => bail!("{word} is neither true nor false"),
    }
}
