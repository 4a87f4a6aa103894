//! `serve`.

use super::arguments::Serve;
use super::failure::{Exit, Failure};
use super::{Console, note_line};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use zoufang_sync_server::config::TlsFiles;
use zoufang_sync_server::{App, run};

pub(super) fn serve(mut console: Console, asked: Serve) -> Result<Exit, Failure> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let store = console.open_or_begin()?;
    console.config.tls = asked.tls_cert.zip(asked.tls_key).map(|(certificate, key)| TlsFiles { certificate, key });
    console.config.public_url = asked.public_url;
    let scheme = if console.config.tls.is_some() { "https" } else { "http" };
    let started = console.say("已启动", "serving at");
    let app = App::new(store, console.config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(asked.listen).await?;
        note_line(&format!("{started} {scheme}://{}", listener.local_addr()?));
        run(listener, app, told_to_stop()).await?;
        Ok(Exit::Done)
    })
}

/// Ready at Ctrl-C, or when the system asks the process to end.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        let Ok(mut ended) = ended else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = ended.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
