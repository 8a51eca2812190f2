//! A plain TCP balancer and a bad cable in one: forwards connections to the first address that
//! answers, until told not to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A running proxy; it ends with the value.
pub(crate) struct Proxy {
    pub addr: SocketAddr,
    silent: Arc<AtomicBool>,
    cut: watch::Sender<u64>,
    _stop: DropGuard,
}

impl Proxy {
    /// Forwards to the first of `targets` that takes a connection.
    pub(crate) async fn to(targets: Vec<SocketAddr>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let silent = Arc::new(AtomicBool::new(false));
        let cut = watch::Sender::new(0);
        let (stopped, quiet, cuts) = (stop.clone(), silent.clone(), cut.clone());
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (targets, quiet, mut cut) = (targets.clone(), quiet.clone(), cuts.subscribe());
                tokio::spawn(async move {
                    for target in targets {
                        if let Ok(server) = TcpStream::connect(target).await {
                            let (from_client, to_client) = client.into_split();
                            let (from_server, to_server) = server.into_split();
                            tokio::select! {
                                () = forward(from_client, to_server, &quiet) => {}
                                () = forward(from_server, to_client, &quiet) => {}
                                _ = cut.changed() => {}
                            }
                            return;
                        }
                    }
                });
            }
        }));
        Proxy {
            addr,
            silent,
            cut,
            _stop: stop.drop_guard(),
        }
    }

    /// From now on nothing gets through, and nobody is told: a half-open connection.
    pub(crate) fn fall_silent(&self) {
        self.silent.store(true, Ordering::SeqCst);
    }

    /// Forwards again, and cuts what was open.
    pub(crate) fn mend(&self) {
        self.silent.store(false, Ordering::SeqCst);
        self.cut();
    }

    /// Cuts all open connections.
    pub(crate) fn cut(&self) {
        self.cut.send_modify(|n| *n += 1);
    }
}

async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    silent: &AtomicBool,
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        if !silent.load(Ordering::SeqCst) && to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
    // The end of a silent connection is not passed on either.
    if silent.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
}
