// wadm as its own binary starts it: options from the command line and the environment, until it is interrupted.

use clap::Parser;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut tasks = wadm::start_wadm(wadm::config::WadmConfig::parse()).await?;
    tokio::select! {
        ended = tasks.join_next() => anyhow::bail!("wadm ended: {ended:?}"),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}
