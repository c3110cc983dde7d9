// A host of wasmCloud 1.9.2, whose binary is not published: what its main does of the environment that wash gives it.

use std::{collections::HashMap, env, sync::Arc, time::Duration};

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;
use url::Url;
use wasmcloud_host::wasmbus::{Features, Host, HostConfig};

fn get(name: &str) -> Option<String> {
    env::var(format!("WASMCLOUD_{name}")).ok().filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    get(name).as_deref() == Some("true")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let nats_host = get("NATS_HOST").unwrap_or_else(|| "127.0.0.1".into());
    let nats_port = get("NATS_PORT").unwrap_or_else(|| "4222".into());
    let nats = Url::parse(&format!("nats://{nats_host}:{nats_port}"))?;
    let labels: HashMap<String, String> = env::vars()
        .filter_map(|(name, value)| Some((name.strip_prefix("WASMCLOUD_LABEL_")?.to_string(), value)))
        .collect();
    let (host, shutdown) = Host::new(HostConfig {
        ctl_nats_url: nats.clone(),
        rpc_nats_url: nats,
        host_key: get("HOST_SEED")
            .map(|seed| nkeys::KeyPair::from_seed(&seed).map(Arc::new))
            .transpose()?,
        lattice: get("LATTICE").unwrap_or_else(|| "default".into()).into(),
        js_domain: get("JS_DOMAIN"),
        labels,
        allow_file_load: is_set("ALLOW_FILE_LOAD"),
        version: "1.9.2".into(),
        heartbeat_interval: get("HEARTBEAT_INTERVAL")
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs),
        provider_shutdown_delay: Some(Duration::from_millis(300)),
        experimental_features: get("EXPERIMENTAL_FEATURES")
            .map(|names| names.split(',').map(Features::from).sum())
            .unwrap_or_default(),
        ..Default::default()
    })
    .await
    .context("the host could not be started")?;
    let deadline = tokio::select! {
        _ = tokio::signal::ctrl_c() => None,
        deadline = host.stopped() => deadline?,
    };
    drop(host);
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, shutdown).await.context("the host did not stop in time")?,
        None => shutdown.await,
    }
}
